/** What Node is told by `npm start`, for benchmarks that run the service, in their process or in another. */
export const servedFlags = ['--max-semi-space-size=64'] as const;
