import type { Ctx } from '../actions/context.ts';
import { detectorShown, revertDetector, type Training, trainDetector } from '../actions/detector.ts';
import { type Terminal, table, tell } from './output.ts';

/** `gatehouse detector train` */
export async function detectorTrain(ctx: Ctx, terminal: Terminal, dryRun: boolean): Promise<number> {
  return tell(terminal, await trainDetector(ctx, { dryRun }), (training) => [
    ...lines(training),
    dryRun ? 'nothing was changed' : `in force as training ${training.seq}`,
  ]);
}

/** `gatehouse detector revert` */
export async function detectorRevert(ctx: Ctx, terminal: Terminal): Promise<number> {
  return tell(terminal, await revertDetector(ctx), ({ reverted, now }) => [
    `training ${reverted.seq} is taken back`,
    now === null ? 'the shipped weights are in force' : `training ${now.seq} is in force`,
  ]);
}

/** `gatehouse detector show` */
export async function detectorShow(ctx: Ctx, terminal: Terminal): Promise<number> {
  return tell(terminal, await detectorShown(ctx), ({ training }) =>
    training === null
      ? ['the shipped weights are in force']
      : [`training ${training.seq} of ${training.at} by ${training.trained_by}`, ...lines(training)],
  );
}

function lines({ confirmed, dismissed, before, after, offsets }: Training): string[] {
  const percent = (share: number | null) => (share === null ? '-' : `${Math.round(share * 1000) / 10} %`);
  const row = (name: string, each: Training['before']) => [
    ...[name, percent(each.precision), percent(each.recall), percent(each.wrong)],
  ];
  const learned = Object.entries(offsets.of)
    .sort(([, one], [, other]) => Math.abs(other) - Math.abs(one))
    .map(([name, offset]) => [name, signed(offset)]);
  return [
    `learned from ${confirmed} confirmed and ${dismissed} dismissed flags`,
    ...table([['', 'precision', 'recall', 'wrong'], row('before', before), row('after', after)]),
    ...table(learned),
  ];
}

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
