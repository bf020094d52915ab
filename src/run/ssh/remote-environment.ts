// The variables that ssh would ask the other side to set: SendEnv and SetEnv of ssh_config(5).

import type { Ssh2Settings } from './ssh2-settings.ts';
import { toRegExp } from './wildcards.ts';

type Wanted = Pick<Ssh2Settings, 'sendEnv' | 'setEnv'>;

export function remoteEnvironment(
  { sendEnv, setEnv }: Wanted,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const patterns = sendEnv.map(toRegExp);
  const sent = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && patterns.some((pattern) => pattern.test(name)) ? [[name, value] as const] : [],
  );
  const set = setEnv.map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  return Object.fromEntries([...sent, ...set]);
}
