/** What the environment may say of the mail server's milter; without `GATEHOUSE_MILTER` there is none. */
import { z } from 'zod';
import { type MilterConfig, milterDeeds } from '../agent/config-shape.ts';
import { isLoopbackAddress } from './loopback.ts';

/** Mail is told in the clear; and a port that the agent does not hold yet may be taken by any user of the machine. */
const address = z
  .string()
  .refine(
    (text) => (text.startsWith('unix:/') ? text.length <= 'unix:'.length + 100 : isLoopbackAddress(text)),
    'must be unix:/path/of/a/socket, or a loopback address and port, like 127.0.0.1:783',
  );

const staff = z
  .string()
  .max(10_000)
  .transform((text) =>
    text
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((each) => each !== ''),
  );

export const milterFields = {
  GATEHOUSE_MILTER: address.optional(),
  GATEHOUSE_MILTER_FLAGGED: z.enum(milterDeeds).default('header'),
  GATEHOUSE_MILTER_STAFF: staff.default([]),
  GATEHOUSE_MILTER_STAFF_REQUEST: z.enum(milterDeeds).default('reject'),
  GATEHOUSE_MILTER_UNJUDGED: z.enum(['accept', 'tempfail']).default('accept'),
};

type Said = z.infer<z.ZodObject<typeof milterFields>>;

export function milterConfig(said: Said): { milter?: MilterConfig } {
  if (said.GATEHOUSE_MILTER === undefined) return {};
  return {
    milter: {
      address: said.GATEHOUSE_MILTER,
      flagged: said.GATEHOUSE_MILTER_FLAGGED,
      staff: said.GATEHOUSE_MILTER_STAFF,
      staffRequest: said.GATEHOUSE_MILTER_STAFF_REQUEST,
      unjudged: said.GATEHOUSE_MILTER_UNJUDGED,
    },
  };
}
