/**
 * What each signal weighs. Written by `bench/password-requests --write`: fitted from weights set by hand, each keeping
 * the sign that its signal claims; see docs/decisions/detector.md. Numbers only.
 */
export interface Weights {
  readonly bias: number;
  readonly of: Readonly<Record<string, number>>;
}

export const weights: Weights = {
  bias: -4.15,
  of: {
    'access-given': -0.61,
    'alarm-story': 0.93,
    'asked-outright': 3.59,
    'asks-for-secret': 1.52,
    'asks-to-confirm': 1.74,
    'attached-page': 1.0,
    'behind-a-login': 0.8,
    'claims-brand': 0.99,
    'claims-office': 0.74,
    'code-given': -1.23,
    conversation: -1.55,
    deadline: 0.64,
    'dressed-up': 1.01,
    'fields-to-fill': 2.0,
    'greets-by-name': -1.22,
    'hidden-text': 0.7,
    'home-links': -1.84,
    'html-form': 1.5,
    'image-only': 0.9,
    'impersonal-greeting': 0.92,
    'link-disguised': 1.04,
    'link-elsewhere': 0.53,
    'link-odd': 1.39,
    'log-in-to-fix': 1.31,
    'long-read': -1.09,
    lookalike: 1.2,
    'mailbox-story': 1.08,
    'may-be-ignored': -0.82,
    'never-asks': -1.2,
    newsletter: -1.06,
    'own-name-unproved': 1.19,
    'password-expiry': 1.51,
    'recipient-brand': 1.02,
    'reply-elsewhere': 0.77,
    'sells-something': -1.29,
    'story-then-act': 1.66,
    threat: 1.2,
    'you-asked': -1.01,
  },
};
