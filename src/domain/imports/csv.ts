import { parse } from 'csv-parse/sync';
import { type ImportFormat, ignored, type LineReader, type ParsedLine } from './row.ts';

const columns = ['login', 'hash', 'email', 'account'] as const;
type Column = (typeof columns)[number];

/** The fields of one line by the rules of RFC 4180; undefined when its quotes do not close. Plain lines need no parser. */
function fieldsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  try {
    const [fields]: string[][] = parse(line, { relax_column_count: true });
    return fields;
  } catch {
    return undefined;
  }
}

const isColumn = (name: string): name is Column => columns.some((each) => each === name);

/** The columns that a heading names; undefined when the line is none. */
function heading(fields: readonly string[]): (Column | undefined)[] | undefined {
  const names = fields.map((field) => field.trim().toLowerCase());
  if (!names.includes('login') || !names.includes('hash')) return undefined;
  return names.map((name) => (isColumn(name) ? name : undefined));
}

function rowOf(fields: readonly string[], order: readonly (Column | undefined)[]): ParsedLine {
  if (fields.length > order.length) {
    const said = `The line has ${fields.length} fields, of which ${order.length} are known`;
    return { refused: `${said}; a hash with commas in it, as Argon2 has, needs quotes around it.` };
  }
  const field = (column: Column) => fields[order.indexOf(column)] ?? '';
  const [login, secret, email, account] = columns.map(field);
  if (login === undefined || secret === undefined || fields.length < 2) {
    return { refused: 'The line needs a login and a hash, with a comma between them.' };
  }
  return { row: { login, secret, email: email || undefined, account: account || undefined } };
}

function open(): LineReader {
  let order: readonly (Column | undefined)[] | undefined;
  return (line) => {
    if (line.trim() === '') return ignored;
    const fields = fieldsOf(line);
    if (fields === undefined) {
      return { refused: 'The quotes do not close on this line; a field cannot go on into the next one.' };
    }
    if (order === undefined) {
      const named = heading(fields);
      order = named ?? ['login', 'hash', 'email'];
      if (named !== undefined) return ignored;
    }
    return rowOf(fields, order);
  };
}

/** RFC 4180, one login a line. A first line with `login` and `hash` names the columns, in any order. */
export const csv: ImportFormat = {
  name: 'csv',
  summary: 'CSV: login,hash[,email]; or with a heading of login, hash, email, account',
  open,
};
