import type { FastifyRequest } from 'fastify';

/**
 * Whether a request comes from a page of this service, as browsers say by its Origin: that of PUBLIC_URL, or where that isn't set, of the
 * very host that was asked. Undefined where no Origin is named.
 */
export const isFromOwnPage = ({ headers }: Pick<FastifyRequest, 'headers'>, publicOrigin: string | undefined): boolean | undefined => {
  const { origin, host } = headers;
  if (origin === undefined) return undefined;
  if (publicOrigin !== undefined) return origin === publicOrigin;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== 'http:' && page.protocol !== 'https:') return false;
  const asked = `${page.protocol}//${host}`; // a proxy in front may speak https for us
  return URL.canParse(asked) && new URL(asked).origin === page.origin;
};
