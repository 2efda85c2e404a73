/** Rows of a table in statements that are written by hand, because a login cannot wait for the query builder. */
import { getTableColumns } from 'drizzle-orm';
import { toSnakeCase } from 'drizzle-orm/casing';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';

export interface RowsOf<Row> {
  /** What to select; the table goes by its alias. */
  readonly columns: string;
  /** The row in what was selected; undefined where there is none. The table's first column is its primary key. */
  from(selected: Readonly<Record<string, unknown>> | undefined): Row | undefined;
}

/** How rows of the table are read under that alias. */
export function rowsOf<T extends PgTable>(table: T, alias: string): RowsOf<T['$inferSelect']> {
  const columns = Object.entries(getTableColumns(table)).map(([key, column]) => {
    const read = (value: unknown) => (value === null ? null : column.mapFromDriverValue(value));
    return { key, at: `${alias}.${toSnakeCase(column.name)}`, read };
  });
  const primary = columns[0]?.at ?? '';
  return {
    columns: columns.map(({ at }) => `${at} as "${at}"`).join(', '),
    from: (selected) =>
      selected === undefined || selected[primary] === null
        ? undefined
        : Object.fromEntries(columns.map(({ key, at, read }) => [key, read(selected[at])])),
  };
}

export interface InsertInto<Row> {
  /** `insert into … values (…)`. */
  readonly text: string;
  parameters(row: Row): unknown[];
}

/** How a row of the table is inserted, all its columns but those that the database fills in. */
export function insertInto<T extends PgTable>(
  table: T,
  filledIn: readonly string[],
): InsertInto<T['$inferInsert']> {
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => !filledIn.includes(key));
  const names = columns.map(([, column]) => toSnakeCase(column.name));
  const places = columns.map((_, n) => `$${n + 1}`);
  return {
    text: `insert into ${getTableConfig(table).name} (${names.join(', ')}) values (${places.join(', ')})`,
    parameters: (row: Readonly<Record<string, unknown>>) =>
      columns.map(([key, column]) => {
        const value = row[key] ?? column.default ?? null;
        return value === null ? null : column.mapToDriverValue(value);
      }),
  };
}
