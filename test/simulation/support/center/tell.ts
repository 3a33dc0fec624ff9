/** Sends a report; answers the status, or undefined when nobody answered. */
export type Tell = (method: 'PUT' | 'POST', path: string, body: unknown) => Promise<number | undefined>;
