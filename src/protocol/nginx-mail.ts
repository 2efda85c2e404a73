/** The words of nginx's mail proxy (`ngx_mail_auth_http_module`): all of it in headers, both ways. */

/** nginx escapes what a header cannot hold; anything that is no such escape is no login. */
export function unescaped(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export type MailProtocol = 'imap' | 'pop3' | 'smtp';

export const mailProtocols: readonly MailProtocol[] = ['imap', 'pop3', 'smtp'];

/** The server behind the proxy: an address and a port, since nginx does not resolve names here. */
export function backendOf(
  text: string | undefined,
): { readonly server: string; readonly port: string } | undefined {
  const [, server = '', port = ''] = /^\[?([0-9a-f.:]+?)\]?:(\d{1,5})$/i.exec(text ?? '') ?? [];
  return server === '' ? undefined : { server, port };
}
