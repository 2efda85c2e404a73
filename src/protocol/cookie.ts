/** Cookie names: the strict one over TLS, the plain one over http on loopback (contract section 2). */
export const cookieNames = ['__Host-gatehouse', 'gatehouse'] as const;
