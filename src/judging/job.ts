/** What passes between the room and its thread. */
import type { Setting } from '../domain/message.ts';
import type { SketchSeeds } from '../domain/sketch.ts';
import type { Scale } from '../domain/verdict.ts';
import type { PlainMessage } from '../protocol/mail/read-text.ts';

export interface JudgingJob {
  /** RFC 5322 as it came, or what is no mail. */
  readonly message:
    | { readonly raw: Uint8Array; readonly direction: 'inbound' | 'outbound' }
    | { readonly said: PlainMessage };
  readonly setting: Setting;
  readonly scale: Scale;
  /** Of the installation's key: see domain/sketch. */
  readonly seeds: SketchSeeds;
  /** authserv-ids whose Authentication-Results count. */
  readonly authservIds: readonly string[];
}
