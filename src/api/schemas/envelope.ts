import { z } from 'zod';

const status = z.object({ code: z.literal(200), message: z.literal('Successful'), corrId: z.string() });

/** The contract's success: HTTP 200 with this around the data. */
export const envelope = <T extends z.ZodType>(data: T) => z.object({ status, data });

export const successful = <T>(corrId: string, data: T) => ({
  status: { code: 200 as const, message: 'Successful' as const, corrId },
  data,
});
