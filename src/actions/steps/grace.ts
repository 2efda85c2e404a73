/** Agents keep the clocks of their sessions; the service steps in when one has been silent about it for so long. */
export const doorGraceMs = 30_000;

/** An agent that was not heard of for so long counts as out of reach, and denies new logins itself. */
export const leaseMs = 30_000;
