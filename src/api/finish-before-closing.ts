import type { FastifyInstance } from 'fastify';

/**
 * Lets the app close only once every handler is done that has begun, also those whose asker went away: what they use is closed after the app.
 * `limitMs` (of the machine's time) after closing began, what is still under way is given up, and connections are cut, so that nobody who
 * sends slowly or never ends holds up a stop. Concerns the routes that are added after it.
 */
export const finishBeforeClosing = (app: FastifyInstance, limitMs: number): void => {
  const running = new Set<Promise<unknown>>();
  let giveUp: NodeJS.Timeout | undefined;
  let givenUp: Promise<void> = Promise.resolve();

  app.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = function (request, reply) {
      const answer: unknown = handler.call(this, request, reply);
      if (answer instanceof Promise) {
        running.add(answer);
        const done = () => running.delete(answer);
        answer.then(done, done);
      }
      return answer;
    };
  });
  app.addHook('preClose', async () => {
    givenUp = new Promise((resolve) => {
      giveUp = setTimeout(() => {
        app.server.closeAllConnections();
        resolve();
      }, limitMs);
    });
  });
  app.addHook('onClose', async () => {
    await Promise.race([Promise.allSettled(running), givenUp]);
    clearTimeout(giveUp);
  });
};
