/** `{SCHEME}` before a hash, as Dovecot and LDAP write it. Case does not matter. */

const form = /^\{([A-Za-z0-9-]{1,32})(?:\.([A-Za-z0-9]{1,6}))?\}/;

export interface Labelled {
  /** In capitals; undefined for a bare hash. */
  readonly label: string | undefined;
  /** `B64`, `BASE64` or `HEX` where the label says so. */
  readonly encoding: string | undefined;
  readonly rest: string;
}

export function labelled(stored: string): Labelled {
  const [whole, label, encoding] = form.exec(stored) ?? [];
  if (whole === undefined || label === undefined)
    return { label: undefined, encoding: undefined, rest: stored };
  return {
    label: label.toUpperCase(),
    encoding: encoding?.toUpperCase(),
    rest: stored.slice(whole.length),
  };
}

/** The hash without its label, when it has none or one of these; undefined when it says that it is something else. */
export function withoutLabel(stored: string, labels: readonly string[]): string | undefined {
  const { label, encoding, rest } = labelled(stored);
  if (label === undefined) return rest;
  return encoding === undefined && labels.includes(label) ? rest : undefined;
}
