#!/usr/bin/env node
/** `gatehouse`: every command in one readable list. Commands present; the actions decide. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { agents } from '../cli/agents.ts';
import { accountImport, type ImportOptions, terminalBar } from '../cli/import.ts';
import { shell } from '../cli/output.ts';
import { clientCreate, clientRevoke } from '../cli/principals.ts';
import { scan } from '../cli/scan.ts';
import { ordersShow, sessionsEnd, sessionsList } from '../cli/sessions.ts';
import { storeNames } from '../domain/channels/index.ts';
import { importFormats } from '../domain/imports/index.ts';
import { log } from '../log.ts';
import { type ClientScope, clientScopes } from '../protocol/api.ts';
import { version } from '../version.ts';
import { runAgent } from './agent.ts';
import { atConsole, examineAll, examineThisHost, isHostAlone, plainly, untilSignal } from './commands.ts';
import { ConfigError, readAgentConfig, readServeConfig } from './config.ts';
import { detectorCommands } from './detector-commands.ts';
import { flagCommands } from './flag-commands.ts';
import { messageCommands } from './message-commands.ts';
import { operatorCommands } from './operator-commands.ts';
import { patternCommands } from './pattern-commands.ts';
import { runService } from './serve.ts';
import { webhookCommands } from './webhook-commands.ts';

interface ScanFlags {
  readonly ownDomain: string[];
  readonly trust: string[];
  readonly recipient?: string;
  readonly threshold?: number;
  readonly exitCode?: boolean;
}

interface Shared {
  readonly json?: boolean;
}

const oneOf =
  <T extends string>(allowed: readonly T[]) =>
  (text: string, before: readonly T[] = []): T[] => {
    const found = allowed.find((each) => each === text);
    if (found === undefined) throw new InvalidArgumentError(`must be one of ${allowed.join(', ')}`);
    return [...before, found];
  };

const json = () => new Option('--json', 'one JSON document on standard output');
const program = new Command('gatehouse')
  .description('Account security for web hosts: one login decision, one clock and one logoff for every door.')
  .version(version)
  .showHelpAfterError();

program
  .command('serve')
  .description('run the service')
  .addOption(json())
  .action(async (options: Shared) => {
    const service = await runService(readServeConfig());
    const terminal = shell(options.json === true);
    if (terminal.json) terminal.out(JSON.stringify({ listening: service.url, next_step: service.nextStep }));
    else {
      terminal.out(`listening on ${service.url}`);
      if (service.nextStep !== undefined) terminal.out(`next: ${service.nextStep}`);
    }
    untilSignal(service.stop);
  });

program
  .command('agent')
  .description('run the host agent: GATEHOUSE_URL, GATEHOUSE_KEY, GATEHOUSE_HOST')
  .addOption(json())
  .action(async (options: Shared) => {
    const config = readAgentConfig();
    log.level = config.logLevel;
    const agent = await runAgent({ ...config, key: config.key.reveal() });
    const terminal = shell(options.json === true);
    terminal.out(
      terminal.json
        ? JSON.stringify({ agent: config.host, pam: config.pamAddress })
        : `agent of ${config.host} answers PAM on ${config.pamAddress}`,
    );
    untilSignal(agent.stop);
  });

program.addCommand(operatorCommands());

const client = program.command('client').description('machines that call');
client
  .command('create <name>')
  .addOption(
    new Option('--scope <scope...>', `any of ${clientScopes.join(', ')}`)
      .argParser(oneOf<ClientScope>(clientScopes))
      .makeOptionMandatory(),
  )
  .option('--host <host>', "bind an agent's key to one host name")
  .addOption(json())
  .action((name: string, options: Shared & { scope: ClientScope[]; host?: string }) =>
    atConsole(options.json, (ctx, terminal) => {
      const host = options.host === undefined ? {} : { host: options.host };
      return clientCreate(ctx, terminal, { name, scopes: options.scope, ...host });
    }),
  );

client
  .command('revoke <name>')
  .description("take a client's key back")
  .addOption(json())
  .action((name: string, options: Shared) =>
    atConsole(options.json, (ctx, terminal) => clientRevoke(ctx, terminal, name)),
  );

program
  .command('account')
  .description('hosting customers')
  .command('import <file>')
  .description('bring logins from another system: FILE, or - for standard input')
  .addOption(
    new Option('--format <format>', 'how the file is written')
      .choices(importFormats.map(({ name }) => name))
      .makeOptionMandatory(),
  )
  .addOption(
    new Option('--store <store>', 'where they log in').choices([...storeNames]).makeOptionMandatory(),
  )
  .option('--dry-run', 'judge every line, change nothing', false)
  .option('--overwrite', 'give logins that are there the secret of the file, and end their sessions', false)
  .option('--resume', 'go on where an import of this file broke off', false)
  .addOption(json())
  .action((file: string, options: Shared & Omit<ImportOptions, 'file'>) =>
    atConsole(options.json, (ctx, terminal) =>
      accountImport(ctx, terminal, { ...options, file }, { input: process.stdin, bar: terminalBar() }),
    ),
  );

const sessions = program.command('sessions').description('look at sessions and end them');
sessions
  .command('list')
  .option('--account-id <id>')
  .option('--login <login>')
  .option('--store <store>')
  .option('--channel <channel>')
  .option('--host <host>')
  .option('--source-ip <address>')
  .option('--live', 'only those that live')
  .option('--limit <n>')
  .option('--cursor <cursor>')
  .addOption(json())
  .action((options: Shared & Record<string, string | boolean | undefined>) => {
    const filters = {
      account_id: options.accountId,
      login: options.login,
      store: options.store,
      channel: options.channel,
      host: options.host,
      source_ip: options.sourceIp,
      live: options.live === true ? 'true' : undefined,
      limit: options.limit,
      cursor: options.cursor,
    };
    return atConsole(options.json, (ctx, terminal) => sessionsList(ctx, terminal, filters));
  });
sessions
  .command('end')
  .description('end sessions: exactly one way to say which (--login goes with --store)')
  .option('--id <id...>')
  .option('--account-id <id>')
  .option('--login <login>')
  .option('--store <store>')
  .option('--channel <channel>')
  .option('--host <host>')
  .option('--source <cidr>')
  .option('--opened-before <time>')
  .option('--all')
  .requiredOption('--reason <reason>', 'stands in the audit log')
  .option('--dry-run', 'count, change nothing')
  .addOption(json())
  .action((options: Shared & Record<string, string | string[] | boolean | undefined>) => {
    const select = Object.fromEntries(
      Object.entries({
        ids: options.id,
        account_id: options.accountId,
        login: options.login,
        store: options.store,
        channel: options.channel,
        host: options.host,
        source: options.source,
        opened_before: options.openedBefore,
        all: options.all,
      }).filter(([, value]) => value !== undefined),
    );
    const how = { reason: String(options.reason), dryRun: options.dryRun === true };
    return atConsole(options.json, (ctx, terminal) => sessionsEnd(ctx, terminal, select, how));
  });

program
  .command('orders')
  .description('logoff orders')
  .command('show <id>')
  .description('what became of a logoff, door by door')
  .addOption(json())
  .action((id: string, options: Shared) =>
    atConsole(options.json, (ctx, terminal) => ordersShow(ctx, terminal, id)),
  );

program
  .command('agents')
  .description('the hosts with an agent: release, last contact, sessions')
  .addOption(json())
  .action((options: Shared) => atConsole(options.json, (ctx, terminal) => agents(ctx, terminal)));

const gathered = (text: string, before: readonly string[]): string[] => [...before, text];

const between0and1 = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('must be between 0 and 1');
  return value;
};

program
  .command('scan <file...>')
  .description('judge messages and mailboxes: one JSON line each; needs no service and no database')
  .option('--own-domain <domain>', "one of the host's own domains; may be said again", gathered, [])
  .option('--recipient <address>', 'whose mail it is')
  .option('--trust <authserv-id>', 'whose Authentication-Results count; may be said again', gathered, [])
  .option('--threshold <score>', 'scores from here on are requests', between0and1)
  .option('--exit-code', 'answer 3 when something is flagged')
  .addOption(json())
  .action(async (files: string[], options: ScanFlags) => {
    process.exitCode = await scan(shell(true), files, {
      ownDomains: options.ownDomain,
      trust: options.trust,
      exitCode: options.exitCode === true,
      ...(options.recipient === undefined ? {} : { recipient: options.recipient }),
      ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    });
  });

program.addCommand(messageCommands());
program.addCommand(flagCommands());
program.addCommand(detectorCommands());
program.addCommand(patternCommands());
program.addCommand(webhookCommands());

program
  .command('migrate')
  .description("bring the database to this release's schema")
  .addOption(json())
  .action((options: Shared) =>
    atConsole(
      options.json,
      async (_ctx, terminal) => {
        terminal.out(
          terminal.json ? JSON.stringify({ migrated: true, version }) : `the schema is that of ${version}`,
        );
        return 0;
      },
      'make it',
    ),
  );

program
  .command('doctor')
  .description(
    'check configuration, database, clocks, keys and agents; on a hosting machine: PAM, cgroups, sshd',
  )
  .option('--host', 'examine this hosting machine (assumed where there is no service but an agent)')
  .option('--agent-env <file>', "the agent's environment file, with --host")
  .addOption(json())
  .action((options: Shared & { host?: boolean; agentEnv?: string }) =>
    options.host === true || options.agentEnv !== undefined || isHostAlone()
      ? examineThisHost(options.json, options.agentEnv)
      : examineAll(options.json),
  );

try {
  await program.parseAsync();
} catch (error) {
  const message = plainly(error);
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: { code: 'fault', title: message } })}\n`);
  process.stderr.write(`${message}\n`);
  if (!(error instanceof ConfigError)) log.debug({ err: error }, 'the command failed');
  process.exit(1);
}
