/** `gatehouse webhook …`, as part of the list of commands. */
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  webhookChange,
  webhookCreate,
  webhookDelete,
  webhookDeliveries,
  webhookList,
  webhookReplay,
  webhookTest,
} from '../cli/webhooks.ts';
import { webhookEvents } from '../domain/webhook-events.ts';
import { atConsole } from './commands.ts';

interface Shared {
  readonly json?: boolean;
}

interface Changes extends Shared {
  readonly url?: string;
  readonly event?: string[];
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly rotateSecret?: boolean;
  readonly overlapSeconds?: number;
}

const seconds = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('must be a whole number of seconds');
  return Number(text);
};

const patchOf = (changes: Changes) => ({
  ...(changes.url === undefined ? {} : { url: changes.url }),
  ...(changes.event === undefined ? {} : { events: changes.event }),
  ...(changes.enable === true ? { enabled: true } : {}),
  ...(changes.disable === true ? { enabled: false } : {}),
  ...(changes.rotateSecret === true ? { rotate_secret: true } : {}),
  ...(changes.overlapSeconds === undefined ? {} : { overlap_seconds: changes.overlapSeconds }),
});

const json = () => new Option('--json', 'one JSON document on standard output');

export function webhookCommands(): Command {
  const webhook = new Command('webhook').description('endpoints that hear of events');
  webhook
    .command('create <url>')
    .addOption(new Option('--event <event...>', `* or any of ${webhookEvents.join(', ')}`).default(['*']))
    .addOption(json())
    .action((url: string, options: Shared & { event: string[] }) =>
      atConsole(options.json, (ctx, terminal) => webhookCreate(ctx, terminal, url, options.event), 'seal'),
    );
  webhook
    .command('list')
    .addOption(json())
    .action((options: Shared) => atConsole(options.json, webhookList));
  webhook
    .command('change <id>')
    .option('--url <url>')
    .option('--event <event...>', 'these instead')
    .addOption(new Option('--enable', 'let it hear again').conflicts('disable'))
    .option('--disable', 'tell it nothing')
    .option('--rotate-secret', 'a new secret; the old one signs beside it for a while')
    .option('--overlap-seconds <seconds>', 'for how long: a day unless said', seconds)
    .addOption(json())
    .action((id: string, options: Changes) =>
      atConsole(
        options.json,
        (ctx, terminal) => webhookChange(ctx, terminal, id, patchOf(options)),
        options.rotateSecret === true ? 'seal' : 'only look',
      ),
    );
  webhook
    .command('delete <id>')
    .addOption(json())
    .action((id: string, options: Shared) =>
      atConsole(options.json, (ctx, terminal) => webhookDelete(ctx, terminal, id)),
    );
  webhook
    .command('test <id>')
    .description('have the service send it webhook.test')
    .addOption(json())
    .action((id: string, options: Shared) =>
      atConsole(options.json, (ctx, terminal) => webhookTest(ctx, terminal, id)),
    );
  webhook
    .command('deliveries <id>')
    .description('what became of them, newest first')
    .addOption(new Option('--state <state>').choices(['pending', 'delivered', 'failed']))
    .option('--limit <n>')
    .option('--cursor <cursor>')
    .addOption(json())
    .action((id: string, { json: asJson, ...query }: Shared & Record<string, string | undefined>) =>
      atConsole(asJson, (ctx, terminal) => webhookDeliveries(ctx, terminal, id, query)),
    );
  webhook
    .command('replay <id> [event]')
    .description('deliver one event again, or everything since a moment')
    .option('--since <time>')
    .addOption(json())
    .action((id: string, eventId: string | undefined, options: Shared & { since?: string }) =>
      atConsole(options.json, (ctx, terminal) =>
        webhookReplay(ctx, terminal, id, { eventId, since: options.since }),
      ),
    );
  return webhook;
}
