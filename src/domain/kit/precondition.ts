/** How a write guards against another's: the etag it edits, any version (`*`), or creation only. Neither creates what isn't there. */
export type Precondition = { readonly ifMatch?: string; readonly ifNoneMatch?: '*' };

export type PreconditionRefusal = { readonly code: 'PRECONDITION_FAILED' | 'PRECONDITION_REQUIRED' };

/** What a write is refused with for its precondition; `etag` is that of what is there, undefined for nothing. */
export const guard = (etag: string | undefined, { ifMatch, ifNoneMatch }: Precondition): PreconditionRefusal | undefined => {
  if (ifNoneMatch !== undefined) return etag === undefined ? undefined : { code: 'PRECONDITION_FAILED' };
  if (etag === undefined) return ifMatch === undefined ? undefined : { code: 'PRECONDITION_FAILED' };
  if (ifMatch === undefined) return { code: 'PRECONDITION_REQUIRED' };
  return ifMatch === '*' || ifMatch === etag ? undefined : { code: 'PRECONDITION_FAILED' };
};
