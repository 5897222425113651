/**
 * The text that Go's encoding/json gives for a document that does not parse. Only called once JSON.parse has refused, so
 * speed does not matter; clients and people know these sentences.
 */
export function goSyntaxError(text: string): string {
  let at = 0;

  const unexpected = (context: string): SyntaxFault =>
    at >= text.length
      ? new SyntaxFault('unexpected end of JSON input')
      : new SyntaxFault(`invalid character ${quoteCharacter(text, at)} ${context}`);
  const skipSpace = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  };

  const string = (): void => {
    at++;
    for (;;) {
      if (at >= text.length) throw unexpected('');
      const c = text.charAt(at);
      if (c === '"') {
        at++;
        return;
      }
      if (c < ' ') throw unexpected('in string literal');
      if (c === '\\') {
        at++;
        if (at >= text.length || !'bfnrt\\/"u'.includes(text.charAt(at))) throw unexpected('in string escape code');
        if (text.charAt(at) === 'u') {
          for (let digit = 0; digit < 4; digit++) {
            at++;
            if (!/^[0-9a-fA-F]$/.test(text.charAt(at))) throw unexpected('in \\u hexadecimal character escape');
          }
        }
      }
      at++;
    }
  };
  const isDigit = (): boolean => at < text.length && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  const digits = (context: string): void => {
    if (!isDigit()) throw unexpected(context);
    while (isDigit()) at++;
  };
  const number = (): void => {
    if (text.charAt(at) === '-') at++;
    if (text.charAt(at) === '0') at++;
    else digits('in numeric literal');
    if (text.charAt(at) === '.') {
      at++;
      digits('after decimal point in numeric literal');
    }
    if (text.charAt(at) === 'e' || text.charAt(at) === 'E') {
      at++;
      if (text.charAt(at) === '+' || text.charAt(at) === '-') at++;
      digits('in exponent of numeric literal');
    }
  };
  const literal = (word: string): void => {
    for (let i = 1; i < word.length; i++) {
      at++;
      if (text.charAt(at) !== word.charAt(i)) throw unexpected(`in literal ${word} (expecting '${word.charAt(i)}')`);
    }
    at++;
  };

  // Open containers, so that hostile depth costs memory and not stack.
  const open: ('{' | '[')[] = [];
  const key = (): void => {
    skipSpace();
    if (text.charAt(at) !== '"') throw unexpected('looking for beginning of object key string');
    string();
    skipSpace();
    if (text.charAt(at) !== ':') throw unexpected('after object key');
    at++;
  };
  const document = (): void => {
    for (;;) {
      skipSpace();
      const c = text.charAt(at);
      if (c === '{' || c === '[') {
        at++;
        skipSpace();
        const closing = c === '{' ? '}' : ']';
        if (text.charAt(at) !== closing) {
          open.push(c);
          if (c === '{') key();
          continue;
        }
        at++;
      } else if (c === '"') string();
      else if (c === '-' || isDigit()) number();
      else if (c === 't') literal('true');
      else if (c === 'f') literal('false');
      else if (c === 'n') literal('null');
      else throw unexpected('looking for beginning of value');
      for (;;) {
        const container = open.at(-1);
        skipSpace();
        if (container === undefined) {
          if (at < text.length) throw unexpected('after top-level value');
          return;
        }
        const next = text.charAt(at);
        if (next === ',') {
          at++;
          if (container === '{') key();
          break;
        }
        if (next !== (container === '{' ? '}' : ']')) {
          throw unexpected(container === '{' ? 'after object key:value pair' : 'after array element');
        }
        at++;
        open.pop();
      }
    }
  };

  try {
    document();
  } catch (fault) {
    if (fault instanceof SyntaxFault) return fault.message;
    throw fault;
  }
  return 'invalid JSON';
}

class SyntaxFault extends Error {}

function quoteCharacter(text: string, at: number): string {
  const c = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (c === "'") return "'\\''";
  if (c === '"') return `'"'`;
  return `'${JSON.stringify(c).slice(1, -1)}'`;
}
