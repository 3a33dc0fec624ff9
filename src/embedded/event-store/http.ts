import { createServer, type Server } from 'node:http';
import { esVersion } from './protocol/service-info.ts';

/** What is answered over HTTP/1.1: liveness and version. */
export const httpAnswers = (): Server =>
  createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405).end();
    else if (path === '/health/live') response.writeHead(204).end();
    else if (path === '/info') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ esVersion, state: 'leader' }));
    } else response.writeHead(404).end();
  });
