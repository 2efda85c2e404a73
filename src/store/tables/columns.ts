/** Column types that every table shares. */
import { customType, timestamp } from 'drizzle-orm/pg-core';

/** A moment: RFC 3339 with milliseconds, always UTC. */
export const moment = () => timestamp({ precision: 3, withTimezone: true, mode: 'date' });

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
