import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { UserInfo } from '@virtplane/runtime';

/** One line of comma-separated values, quotes as in CSV. */
function fields(line: string): string[] {
  const out: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i];
    if (quoted && c === '"' && line[i + 1] === '"') {
      field += '"';
      i += 1;
    } else if (c === '"') quoted = !quoted;
    else if (c === ',' && !quoted) {
      out.push(field);
      field = '';
    } else field += c;
  }
  out.push(field);
  return out.map((f) => f.trim());
}

// Tokens are looked up by digest, so that the time of a look-up tells nothing about a token.
const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

/**
 * Tokens from text of the form `token,user,uid[,"group1,group2"]`. Source: kube-apiserver --token-auth-file.
 * Throws an Error that names the line when one has too few fields.
 */
export function parseTokenFile(text: string, path: string): (token: string) => UserInfo | undefined {
  const users = new Map<string, UserInfo>();
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [token = '', username = '', uid = '', groups = ''] = fields(line);
    if (token === '' || username === '') {
      throw new Error(`${path} line ${index + 1}: expected token,user,uid[,"group1,group2"]`);
    }
    users.set(digest(token), {
      username,
      ...(uid === '' ? {} : { uid }),
      groups: groups
        .split(',')
        .map((g) => g.trim())
        .filter((g) => g !== ''),
    });
  });
  return (token) => users.get(digest(token));
}

/** Throws one sentence when the file cannot be read. */
export function readTokenFile(path: string): (token: string) => UserInfo | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the token file ${JSON.stringify(path)} cannot be read: ${why}`, { cause: error });
  }
  return parseTokenFile(text, path);
}
