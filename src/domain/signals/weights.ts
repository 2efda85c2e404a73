/**
 * What each signal weighs. Written by `bench/password-requests --write`: fitted from weights set by hand, each keeping
 * the sign that its signal claims; see docs/decisions/detector.md. Numbers only.
 */
export interface Weights {
  readonly bias: number;
  readonly of: Readonly<Record<string, number>>;
}

export const weights: Weights = {
  bias: -4.25,
  of: {
    'access-given': -0.61,
    'alarm-story': 0.93,
    'asked-outright': 3.6,
    'asks-for-secret': 1.53,
    'asks-to-confirm': 1.79,
    'attached-page': 1.0,
    'behind-a-login': 0.81,
    'claims-brand': 0.97,
    'claims-office': 0.73,
    'code-given': -1.22,
    conversation: -1.55,
    deadline: 0.63,
    'dressed-up': 1.02,
    'fields-to-fill': 2.01,
    'greets-by-name': -1.21,
    'hidden-text': 0.69,
    'home-links': -1.85,
    'html-form': 1.5,
    'image-only': 0.89,
    'impersonal-greeting': 0.93,
    'link-disguised': 1.03,
    'link-elsewhere': 0.51,
    'link-odd': 1.37,
    'log-in-to-fix': 1.27,
    'long-read': -1.1,
    lookalike: 1.2,
    'mailbox-story': 1.08,
    'may-be-ignored': -0.82,
    'never-asks': -1.21,
    newsletter: -1.06,
    'own-name-unproved': 1.19,
    'password-expiry': 1.51,
    'recipient-brand': 1.02,
    'reply-elsewhere': 0.77,
    'sells-something': -1.28,
    'story-then-act': 1.65,
    threat: 1.18,
    'you-asked': -1.01,
  },
};
