/** The thread that estimates: zxcvbn takes 20 to 150 ms a password, and longer when somebody wants it to. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import type { EstimateDone, EstimateJob } from './estimate.ts';

// As the hash threads do: on Linux niceness is the thread's own.
if (process.platform === 'linux') setPriority(0, 10);

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
  // Measured: with the default of 100, a text made of such signs takes four times as long.
  l33tMaxSubstitutions: 10,
});

parentPort?.on('message', ({ id, password }: EstimateJob) => {
  const { score, feedback } = zxcvbn.check(password);
  const advice = [feedback.warning, ...feedback.suggestions].filter((text) => typeof text === 'string');
  const done: EstimateDone = { id, score, advice };
  parentPort?.postMessage(done);
});
