import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

const DESCRIPTION = `One store of call records, many dialects: the native API, and the wire APIs that integrations
already use. Each dialect has its own credential and answers errors in its own voice.`

/** The frame of `/openapi.json`; paths and schemas come from the routes. */
export const OPENAPI: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Calltrail', version: '0.1.0', description: DESCRIPTION, license: { name: 'Apache-2.0' } },
    tags: [
      { name: 'native', description: 'The native API. `Authorization: Bearer KEY`.' },
      { name: 'plivo', description: 'Plivo SIP trunking, the current API. Basic, account id and key.' },
      { name: 'plivo-legacy', description: 'The older Zentrunk call API. Basic, account id and key.' },
      { name: 'nectardesk', description: 'NectarDesk contact centre calls. `Access-Token: KEY`.' },
      { name: 'portsip', description: 'PortSIP PBX call logs and CDRs. Bearer, a key or a token.' },
    ],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic' },
        accessToken: { type: 'apiKey', in: 'header', name: 'Access-Token' },
      },
    },
  },
}
