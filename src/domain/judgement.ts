/** All that judging a message comes to, in plain values: the verdict, and what may be kept of the message. */
import { cleaned } from './clean-text.ts';
import { contactCodesIn } from './contact.ts';
import { leadsTo } from './leads-to.ts';
import type { Address, Message, Setting } from './message.ts';
import { read } from './reading/read.ts';
import { redact } from './redact.ts';
import { type Sketch, type SketchSeeds, sketchOf } from './sketch.ts';
import { type Claims, claimsOf } from './solicited.ts';
import { judgeReading, type Scale, type Verdict, verdictOf, weighed } from './verdict.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** The verdict if the house knows that nobody asked for this; absent where that makes no difference. */
  readonly ifNobodyAsked: Verdict | undefined;
  /** Strengths by signal, 0..1: what `detector train` learns from. */
  readonly features: Readonly<Record<string, number>>;
  readonly about: Pick<Message, 'medium' | 'direction'> & {
    readonly sender: Address | undefined;
    /** Addresses in lower case, as the headers or the caller say. */
    readonly recipients: readonly string[];
    /** Where it wants its reader to go or to write, as a digest; undefined where that is too much to compare. */
    readonly leadsTo: string | undefined;
    /** It asks for a secret itself, or has fields for one. */
    readonly outright: boolean;
  };
  readonly claims: Claims;
  /** What in it may be the code of an announced contact. */
  readonly codes: readonly string[];
  readonly sketch: Sketch | undefined;
  /** Its text without what may be a secret. */
  readonly redacted: string;
}

const outrightSignals = ['asked-outright', 'fields-to-fill', 'html-form'];

/** Pure. The evidence of its verdicts is redacted: nothing else of it leaves the thread that judges. */
export function judgementOf(message: Message, setting: Setting, scale: Scale, seeds: SketchSeeds): Judgement {
  const reading = read(message);
  const { text, evidence } = redact(reading);
  const shown = (verdict: Verdict): Verdict => ({
    ...verdict,
    signals: verdict.signals.map((each) => ({ ...each, evidence: each.evidence.map(evidence) })),
  });
  const claims = claimsOf(reading, setting);
  const findings = weighed(reading, setting);
  const features = Object.fromEntries(
    findings.map(([{ name }, { strength }]) => [name, Math.round(strength * 1000) / 1000]),
  );
  const { medium, direction, from, to } = message;
  // Quotes are cut out of text, maybe within a surrogate pair.
  return cleaned<Judgement>({
    verdict: shown(verdictOf(reading, findings, scale)),
    ifNobodyAsked: claims.leadsHome
      ? shown(judgeReading(reading, { ...setting, nobodyAsked: true }, scale))
      : undefined,
    features,
    about: {
      ...{ medium, direction, sender: from },
      recipients: [...new Set(to.map(({ address }) => address.toLowerCase()))].filter((each) => each !== ''),
      leadsTo: leadsTo(message, seeds),
      outright: outrightSignals.some((name) => (features[name] ?? 0) > 0),
    },
    claims,
    codes: contactCodesIn(message.text),
    sketch: sketchOf(reading, seeds),
    redacted: text,
  });
}
