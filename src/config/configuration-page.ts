import type { TSchema } from 'typebox'
import { Config, environmentName } from './config.ts'

/** `docs/configuration.md`, from the schema. `npm run docs` writes it, and a test holds the file equal to it. */
export function configurationPage(): string {
  const settings = Object.entries(
    Config.properties as unknown as Record<string, TSchema & { default: unknown; description: string }>,
  )
  return [
    '# Settings',
    '',
    'Every setting is an environment variable. They are read once, when the server starts, and refused all at once with',
    'every wrong or unknown `CALLTRAIL_` name. Lists are separated by commas; `none` switches a limit off.',
    '',
    '| variable | default | what it is |',
    '| --- | --- | --- |',
    ...settings.map(
      ([name, { default: usual, description }]) =>
        `| \`${environmentName(name)}\` | ${shown(usual)} | ${description.replaceAll('|', '\\|')} |`,
    ),
    '',
    'Settings of an account (name, time zone, currency, default country, dial-out prefixes, billing increment, service',
    'level and its formula, short abandons, business hours, holidays, ring groups, retention) are not here: they belong to',
    'the account, and are changed with `PATCH /calltrail/v1/account` or `calltrail account set`. What those of contact',
    'centres mean is in [contact-centre.md](contact-centre.md).',
    '',
  ].join('\n')
}

function shown(value: unknown): string {
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : `\`${value.join(',')}\``
  return `\`${value}\``
}
