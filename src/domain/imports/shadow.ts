import { colonFields, fieldsFault, type ImportFormat, ignored } from './row.ts';

/** shadow(5): nine fields; the eighth is the day on which the login was shut. */
export const shadow: ImportFormat = {
  name: 'shadow',
  summary: 'shadow(5): name:hash:lastchange:min:max:warn:inactive:expire:reserved',
  open: () => (line) => {
    const fields = colonFields(line);
    if (fields === undefined) return ignored;
    if (fields.length < 2 || fields.length > 9) return fieldsFault(fields.length, '9');
    const [login = '', secret = '', , , , , , expire = ''] = fields;
    const expiresOnDay = /^\d{1,7}$/.test(expire) ? Number(expire) : undefined;
    return { row: { login, secret, expiresOnDay } };
  },
};
