/**
 * What each signal weighs. Written by `bench/password-requests --write`: fitted from weights set by hand, each keeping
 * the sign that its signal claims; see docs/decisions/detector.md. Numbers only.
 */
export interface Weights {
  readonly bias: number;
  readonly of: Readonly<Record<string, number>>;
}

export const weights: Weights = {
  bias: -4.19,
  of: {
    'access-given': -0.61,
    'alarm-story': 0.93,
    'asked-outright': 3.6,
    'asks-for-secret': 1.53,
    'asks-to-confirm': 1.78,
    'attached-page': 1.0,
    'behind-a-login': 0.8,
    'claims-brand': 0.97,
    'claims-office': 0.75,
    'code-given': -1.22,
    conversation: -1.55,
    deadline: 0.61,
    'dressed-up': 1.02,
    'fields-to-fill': 2.01,
    'greets-by-name': -1.21,
    'hidden-text': 0.7,
    'home-links': -1.84,
    'html-form': 1.5,
    'image-only': 0.9,
    'impersonal-greeting': 0.92,
    'link-by-text': 1.17,
    'link-disguised': 1.04,
    'link-elsewhere': 0.47,
    'link-odd': 1.37,
    'log-in-to-fix': 1.24,
    'long-read': -1.09,
    lookalike: 1.2,
    'mailbox-story': 1.09,
    'may-be-ignored': -0.81,
    'never-asks': -1.2,
    newsletter: -1.06,
    'nobody-asked': 12,
    'own-name-unproved': 1.19,
    'password-expiry': 1.51,
    'recipient-brand': 1.03,
    'reply-elsewhere': 0.77,
    'sells-something': -1.27,
    'story-then-act': 1.65,
    threat: 1.18,
    'told-of-request': 6,
    'you-asked': -1.02,
  },
};
