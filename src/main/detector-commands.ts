/** `gatehouse detector …`, as part of the list of commands. */
import { Command, Option } from 'commander';
import { detectorRevert, detectorShow, detectorTrain } from '../cli/detector.ts';
import { atConsole } from './commands.ts';

interface Shared {
  readonly json?: boolean;
}

const json = () => new Option('--json', 'one JSON document on standard output');

export function detectorCommands(): Command {
  const detector = new Command('detector').description('what judges messages, and what it learned here');
  detector
    .command('train')
    .description('learn from the flags of messages that were confirmed and dismissed')
    .option('--dry-run', 'say what would be learned, change nothing')
    .addOption(json())
    .action((options: Shared & { dryRun?: boolean }) =>
      atConsole(options.json, (ctx, terminal) => detectorTrain(ctx, terminal, options.dryRun === true)),
    );
  detector
    .command('revert')
    .description('take the latest training back')
    .addOption(json())
    .action((options: Shared) => atConsole(options.json, detectorRevert));
  detector
    .command('show')
    .description('the training that is in force')
    .addOption(json())
    .action((options: Shared) => atConsole(options.json, detectorShow));
  return detector;
}
