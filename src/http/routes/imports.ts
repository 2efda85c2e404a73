import { importAccounts } from '../../actions/import-accounts.ts';
import * as shapes from '../../protocol/imports.ts';
import { route } from '../route.ts';

export const importRoutes = [
  route({
    method: 'post',
    path: '/v1/imports',
    enter: 'caller',
    tag: 'Accounts',
    summary:
      'Bring logins from another system, a line each: NDJSON of {login, hash, email?, account?, locked?, unix?}, or another format as text',
    query: shapes.importQuery,
    stream: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'text/csv', 'text/plain'],
    limit: 256 * 1024 * 1024,
    answer: shapes.importReport,
    run: ({ ctx, query, bytes }) => {
      const { format, store, dry_run, overwrite } = query;
      return importAccounts(ctx, {
        ...{ format, store, bytes },
        dryRun: dry_run === 'true',
        overwrite: overwrite === 'true',
      });
    },
  }),
];
