import { serve } from './cli/serve.ts'
import { readConfig } from './config/config.ts'

const config = readConfig(process.env)
const served = await serve(config, (error) => {
  console.error(`calltrail: the store failed and the server stops: ${error.message}`)
  process.exit(1)
})
const { created } = served.calltrail
if (created !== null) console.log(`account ${created.accountId}\nkey     ${created.key}`)
console.log(`Calltrail listens on ${served.url}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => served.stop().then(() => process.exit(0)))
