/** The words of nginx's mail proxy (`ngx_mail_auth_http_module`): all of it in headers, both ways. */

/**
 * nginx escapes spaces, percent signs and control characters, and sends all other bytes as they are: a header's text
 * is bytes, one a character. Undefined for whatever is no UTF-8 then.
 */
export function unescaped(header: string | undefined): string | undefined {
  const bytes = header?.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    return (
      bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'))
    );
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
