import * as fs from 'node:fs';

/**
 * @typedef {object} Credentials
 * @property {string} server `https://127.0.0.1:6443`
 * @property {string} ca PEM
 * @property {string} cert PEM
 * @property {string} key PEM
 */

/**
 * The one cluster and user of a kubeconfig that Virtplane wrote.
 * @param {string} file
 * @returns {Credentials}
 */
export function readCredentials(file) {
  const text = fs.readFileSync(file, 'utf8');
  const field = (name) => {
    const value = new RegExp(`"?${name}"?\\s*:\\s*"?([^\\s",}]+)`).exec(text)?.[1];
    if (!value) throw new Error(`${file} has no ${name}`);
    return value;
  };
  const pem = (name) => Buffer.from(field(name), 'base64').toString('utf8');
  return {
    server: field('server'),
    ca: pem('certificate-authority-data'),
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
  };
}
