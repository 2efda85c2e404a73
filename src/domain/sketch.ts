/**
 * Near-duplicates without their text: MinHash over runs of words (Broder 1997), in bands to look candidates up by. Two
 * texts that share four fifths of their runs share a band almost surely; two that share a third, hardly ever.
 */
import { createHmac } from 'node:crypto';
import type { Reading } from './reading/read.ts';

const hashes = 64;
const rows = 4;
const run = 3;
/** Shorter texts have too few runs: their single words count. */
const fewWords = 10;
const leastWords = 5;
const mostWords = 1_000;
/** From this likeness on, two texts are one. */
export const sameFrom = 0.7;

export interface Sketch {
  /** 64 signed 32-bit numbers. */
  readonly sketch: readonly number[];
  /** 16 signed 32-bit numbers: texts that share one may be near. */
  readonly bands: readonly number[];
}

/** What a sketch is made with: whoever does not know it computes no text that shares a band with another. */
export type SketchSeeds = readonly number[];

const own = 2;

/** Signed 32-bit numbers of a key: two for the hash of words, one for each of the hashes of runs. */
export function sketchSeeds(key: Buffer): SketchSeeds {
  const blocks = Array.from({ length: Math.ceil((own + hashes) / 8) }, (_, n) =>
    createHmac('sha256', key).update(`message sketch ${n}`).digest(),
  );
  const numbers = Buffer.concat(blocks);
  return Array.from({ length: own + hashes }, (_, n) => numbers.readInt32LE(n * 4));
}

/** FNV-1a over UTF-16 units, from a basis and with a factor of our own. */
function hashOf(text: string, [basis = 0, factor = 0]: SketchSeeds): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), factor | 1);
  return hash >>> 0;
}

const mixed = (value: number): number => {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
};

/** Words that differ between two copies of one message (names, amounts, links, codes) have digits or are addresses. */
const counts = (word: string) => !word.startsWith('\u0001') && !/\d/.test(word);

/** Undefined where there are too few words to tell. */
export function sketchOf({ tokens }: Pick<Reading, 'tokens'>, seeds: SketchSeeds): Sketch | undefined {
  const words = tokens.words.slice(0, mostWords).filter(counts);
  if (words.length < leastWords) return undefined;
  const width = words.length < fewWords ? 1 : run;
  const least = new Uint32Array(hashes).fill(0xffffffff);
  for (let at = 0; at + width <= words.length; at++) {
    const shingle = mixed(hashOf(words.slice(at, at + width).join(' '), seeds));
    for (let i = 0; i < hashes; i++) {
      const value = mixed(shingle ^ (seeds[own + i] ?? 0));
      if (value < (least[i] ?? 0)) least[i] = value;
    }
  }
  const bands = Array.from({ length: hashes / rows }, (_, band) =>
    hashOf(`${band}:${least.slice(band * rows, (band + 1) * rows).join(',')}`, seeds),
  );
  return { sketch: [...least].map((value) => value | 0), bands: bands.map((value) => value | 0) };
}

/** 0..1: about the share of runs of words that two texts have in common. */
export function likeness(one: readonly number[], other: readonly number[]): number {
  if (one.length !== hashes || other.length !== hashes) return 0;
  return one.filter((value, i) => value === other[i]).length / hashes;
}
