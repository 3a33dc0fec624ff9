/** Names of what doesn't answer within `timeoutMs` of the machine's time, or answers no. */
export const unanswered = async (
  checks: Readonly<Record<string, () => Promise<unknown>>>,
  timeoutMs: number,
): Promise<readonly string[]> => {
  const names = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const late = new Promise<false>((resolve) => {
        setTimeout(() => resolve(false), timeoutMs).unref();
      });
      const answer = await Promise.race([check().catch(() => false), late]);
      return answer === false ? [name] : [];
    }),
  );
  return names.flat();
};
