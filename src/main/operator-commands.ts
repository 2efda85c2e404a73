/** `gatehouse operator …`. */
import { Command, Option } from 'commander';
import { operatorCreate, operatorEmail, operatorRevoke } from '../cli/principals.ts';
import { type Role, roles } from '../protocol/api.ts';
import { atConsole } from './commands.ts';

interface Shared {
  readonly json?: boolean;
}

const json = () => new Option('--json', 'one JSON document on standard output');

export function operatorCommands(): Command {
  const operator = new Command('operator').description('authorised personnel');
  operator
    .command('create <login>')
    .addOption(new Option('--role <role>', 'what they may do').choices([...roles]).makeOptionMandatory())
    .addOption(json())
    .action((login: string, options: Shared & { role: Role }) =>
      atConsole(options.json, (ctx, terminal) => operatorCreate(ctx, terminal, login, options.role)),
    );

  operator
    .command('revoke <login>')
    .description("take an operator's token back")
    .addOption(json())
    .action((login: string, options: Shared) =>
      atConsole(options.json, (ctx, terminal) => operatorRevoke(ctx, terminal, login)),
    );

  operator
    .command('email <login> [address]')
    .description('where somebody of the staff is written to; without an address, nowhere')
    .addOption(json())
    .action((login: string, address: string | undefined, options: Shared) =>
      atConsole(options.json, (ctx, terminal) => operatorEmail(ctx, terminal, login, address)),
    );

  return operator;
}
