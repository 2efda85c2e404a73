/** One message to be judged, whatever it came by: plain values, so that judging needs neither parser nor network. */

export const media = ['email', 'ticket', 'chat', 'sms', 'call'] as const;
export type Medium = (typeof media)[number];

export interface Message {
  readonly medium: Medium;
  /** `inbound` came to a customer, `outbound` was written by the host's staff. */
  readonly direction: 'inbound' | 'outbound';
  readonly subject: string;
  /** What a reader sees. Offsets of evidence count its UTF-16 units. */
  readonly text: string;
  /** What is there and not seen: by style, size or colour. */
  readonly hidden: string;
  readonly from?: Address;
  readonly replyTo: readonly Address[];
  readonly returnPath?: Address;
  readonly to: readonly Address[];
  readonly links: readonly Link[];
  readonly forms: readonly Form[];
  readonly attachments: readonly Attachment[];
  readonly images: number;
  /** What the trusted boundary found out about the sender; absent when nobody trusted said anything. */
  readonly authentication?: Authentication;
  readonly marks: Marks;
  /** The whole of it is one plain text: no page, no other version, nothing attached. */
  readonly plain?: boolean;
  /** Limits that were met: the verdict is about what was read up to there. */
  readonly cut: readonly string[];
}

export interface Address {
  readonly name: string;
  readonly address: string;
  /** After the `@`, in lower case; empty when there is none. */
  readonly host: string;
  /** What somebody registered: `example.co.uk` of `mail.example.co.uk`. */
  readonly domain: string;
}

export interface Link {
  /** The words that are clicked; for a bare address in the text, the address. */
  readonly text: string;
  readonly href: string;
  readonly scheme: string;
  readonly host: string;
  readonly domain: string;
  readonly isIp: boolean;
  readonly port?: number;
  /** Before an `@` in the authority: `https://bank.example@evil.example/`. */
  readonly userinfo: boolean;
  /** Domain that the words pretend to lead to, if they look like an address. */
  readonly shownDomain?: string;
  /** Where its words begin in `text`, or -1. */
  readonly at: number;
}

export interface Form {
  readonly action: string;
  readonly domain: string;
  readonly passwords: number;
  readonly fields: number;
  /** In an attached page rather than in the message. */
  readonly attached: boolean;
}

export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

export interface Authentication {
  readonly spf?: string;
  readonly dkim: readonly { readonly result: string; readonly domain: string }[];
  readonly dmarc?: string;
}

export interface Marks {
  /** From a mailing list or a mass mailing that says so. */
  readonly list: boolean;
  /** Says that it answers something. */
  readonly reply: boolean;
  readonly automatic: boolean;
}

/** What the one who asks knows about the reader and the house. */
export interface Setting {
  /** Domains that the host itself sends from and serves. */
  readonly ownDomains: readonly string[];
  /** Domains of the recipient's addresses. */
  readonly recipientDomains: readonly string[];
  /** The origin under which our own pages are reached: what leads to its host is ours, or pretends to be. */
  readonly house?: string | undefined;
  /** A customer tells of it in his own words. */
  readonly told?: boolean;
  /** It speaks in the house's name of something that the house knows nothing of (domain/solicited). */
  readonly nobodyAsked?: boolean;
}
