/** The shapes of imports (contract section 8). */
import { z } from 'zod';
import { importFormats } from '../domain/imports/index.ts';
import { store } from './fields.ts';

export const importFormat = z
  .enum(importFormats.map(({ name }) => name) as [string, ...string[]])
  .meta({ id: 'ImportFormat', description: importFormats.map((f) => `${f.name}: ${f.summary}`).join('\n') });

const flag = z.enum(['true', 'false']).default('false');

export const importQuery = z.strictObject({
  store,
  format: importFormat.default('ndjson'),
  dry_run: flag,
  overwrite: flag,
});

const named = z.array(z.object({ line: z.number(), login: z.string().optional(), reason: z.string() }));
const told = z.array(z.object({ scheme: z.string(), count: z.number(), reason: z.string() }));

/** Lists of rows name the first thousand; the counts count all. */
export const importReport = z
  .object({
    id: z.string().nullable().meta({ description: 'null for a dry run' }),
    format: importFormat,
    store,
    dry_run: z.boolean(),
    overwrite: z.boolean(),
    lines: z.number().meta({ description: 'lines read, blank ones and comments included' }),
    created: z.number().meta({ description: 'logins made' }),
    overwritten: z.number(),
    existing: z.number().meta({ description: 'logins that were there and were left as they were' }),
    accounts_created: z.number(),
    locked: z
      .number()
      .meta({ description: 'of those made or overwritten: locked, as they were in the file' }),
    ignored: z.number().meta({ description: 'blank lines, comments, a heading' }),
    refused_count: z.number(),
    schemes: z.record(z.string(), z.number()).meta({ description: 'logins made or overwritten, by scheme' }),
    weak: told.meta({ description: 'schemes that protect little, and why' }),
    unverifiable: told.meta({
      description: 'schemes that this node cannot compute: their owners cannot log in on it',
    }),
    refused: named,
    existing_rows: named,
  })
  .meta({ id: 'ImportReport' });

export type ImportReport = z.output<typeof importReport>;
