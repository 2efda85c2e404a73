/** The installation's keys, in the form that the rest of the house uses. They live outside the database. */

export interface Pepper {
  /** Public; stored with each hash, so that a pepper can be replaced without losing the passwords made under it. */
  id: string;
  key: Buffer;
}

export interface KeyRing {
  pepper: {
    /** For new hashes. */
    current: Pepper;
    /** For hashes made under an earlier one; undefined for an unknown id. */
    byId(id: string): Pepper | undefined;
  };
  /** Keys the digests of wrong guesses, addresses and the like: whatever must be compared but not read back. */
  digest: Buffer;
  /**
   * 16 hex digits that tell this ring from another without telling its keys: a node keeps it in the database, so that
   * one with other keys is refused instead of refusing every password.
   */
  fingerprint: string;
}
