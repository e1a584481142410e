import type { FastifyInstance } from 'fastify'
import { FaultError } from './fault.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Answers every other method of a path with the dialect's 405 and its `Allow`. */
export function refuseOtherMethods(app: FastifyInstance, path: string, allow: readonly string[]): void {
  app.route({
    method: METHODS.filter((method) => !allow.includes(method)),
    url: path,
    schema: { hide: true },
    handler: async () => {
      throw new FaultError({ code: 'method_not_allowed', allow })
    },
  })
}
