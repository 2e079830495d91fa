/**
 * A server that returns the same file for every request, without ETag, compression or log. Its speed is the speed of
 * Fastify itself for a response of this size.
 *
 *     node --import tsx bench/api/constant-server.ts FILE
 */
import { readFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import Fastify from 'fastify';

const body = readFileSync(argv[2] ?? '');
const server = Fastify();
server.get('/*', async (_request, reply) => await reply.type('application/json; charset=utf-8').send(body));
stdout.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`);
