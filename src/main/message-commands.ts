/** `gatehouse message …`: messages for the service, from where no API is called. */
import { Command, Option } from 'commander';
import { shell } from '../cli/output.ts';
import { MailRefused, submit } from '../cli/submit.ts';
import { askOnce } from './agent.ts';
import { readCallerConfig } from './config.ts';

interface SubmitFlags {
  readonly json?: boolean;
  readonly recipient?: string;
  readonly direction: 'inbound' | 'outbound';
}

export function messageCommands(): Command {
  const message = new Command('message').description('messages for the service');
  message
    .command('submit')
    .description('a mail on standard input is judged by the service: GATEHOUSE_URL, GATEHOUSE_KEY_FILE')
    .option('--recipient <address>', 'whose mail it is, where the headers do not say')
    .addOption(
      new Option('--direction <direction>', 'outbound: written by the staff')
        .choices(['inbound', 'outbound'])
        .default('inbound'),
    )
    .option('--json', 'one JSON document on standard output')
    .action(async ({ json, ...how }: SubmitFlags) => {
      // A wrong configuration is no verdict either: the mail server tries again.
      process.exitCode = await submit(shell(json === true), process.stdin, how, async (mail) => {
        const { url, key } = readCallerConfig();
        return askOnce(url, key.reveal(), MailRefused)(mail);
      });
    });
  return message;
}
