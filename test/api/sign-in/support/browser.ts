import { type Answer, ask, textAt } from '../../support/ask.ts';

export type Send = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string | null>>) => Promise<Answer>;

/** What of a cookie is sent back. */
export const cookieIn = ({ headers }: Answer): string | undefined => headers.getSetCookie()[0]?.split(';')[0];

/** A browser with a page of the service open at `origin`: it keeps the cookie, and the page sends the token with changes. Headers given as null are left out. */
export const browser = (url: string, origin = url) => {
  let cookie: string | undefined;
  let csrf: string | undefined;
  const send: Send = async (method, path, body, headers = {}) => {
    const usual = { ...(cookie && { cookie }), ...(method !== 'GET' && { origin, ...(csrf && { 'x-csrf-token': csrf }) }) };
    const all = Object.entries({ ...usual, ...headers }).filter((entry): entry is [string, string] => entry[1] !== null);
    return ask(url, method, path, Object.fromEntries(all), body);
  };
  return {
    send,
    cookie: () => cookie ?? '',
    csrf: () => csrf ?? '',
    /** Sends a cookie that was kept from elsewhere. */
    adopt: (other: string) => {
      cookie = other;
    },
    signIn: async (body: unknown, headers?: Readonly<Record<string, string | null>>): Promise<Answer> => {
      const answer = await send('POST', '/api/session', body, headers);
      if (answer.status === 201) [cookie, csrf] = [cookieIn(answer), textAt(answer.body, 'csrfToken')];
      return answer;
    },
  };
};
export type Browser = ReturnType<typeof browser>;
