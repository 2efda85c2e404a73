/** Where links lead that anybody can open a page at: free hosting, form builders, shorteners, free mail. */

const set = (names: string) => new Set(names.trim().split(/\s+/));

/** Pages under somebody else's name, by registered domain or (private suffixes) by what follows the first label. */
export const freeHosts = set(`
weebly.com weeblysite.com wixsite.com wix.com 000webhostapp.com blogspot.com wordpress.com firebaseapp.com web.app pages.dev workers.dev r2.dev netlify.app vercel.app herokuapp.com
glitch.me github.io gitlab.io surge.sh onrender.com repl.co replit.app godaddysites.com square.site yolasite.com jimdosite.com jimdofree.com webflow.io carrd.co strikingly.com mystrikingly.com
site123.me tripod.com angelfire.com altervista.org x10host.com byethost.com infinityfreeapp.com epizy.com rf.gd duckdns.org ddns.net hopto.org no-ip.org ngrok.io ngrok-free.app trycloudflare.com
azurewebsites.net blob.core.windows.net azureedge.net cloudfront.net appspot.com ipfs.io dweb.link fleek.co notion.site gitbook.io framer.website my.canva.site sites.google.com
webcindario.com ucoz.com ucoz.net co.vu tk ml ga cf gq webador.com ukit.me tilda.ws zyrosite.com simplesite.com webnode.com moonfruit.com bravesites.com edgeone.app backblazeb2.com storage.googleapis.com s3.amazonaws.com`);

export const formBuilders = set(`
docs.google.com forms.gle forms.office.com typeform.com jotform.com formstack.com wufoo.com surveymonkey.com 123formbuilder.com cognitoforms.com formsite.com emailmeform.com zoho.com zohopublic.com
airtable.com paperform.co smartsheet.com tally.so formspree.io getform.io jotform.me phpform.org my-free.website formcrafts.com surveygizmo.com questionpro.com qualtrics.com`);

export const shorteners = set(`
bit.ly tinyurl.com t.co goo.gl is.gd ow.ly cutt.ly rebrand.ly t.ly rb.gy shorturl.at tiny.cc buff.ly lnkd.in adf.ly s.id qrco.de bl.ink shorte.st v.gd soo.gd t2m.io u.to clck.ru l.ead.me linktr.ee gg.gg urlz.fr`);

export const freeMail = set(`
gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.jp ymail.com hotmail.com outlook.com live.com msn.com aol.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.ru yandex.com bk.ru inbox.ru list.ru
protonmail.com proton.me icloud.com me.com zoho.com qq.com 163.com 126.com sina.com naver.com daum.net libero.it virgilio.it orange.fr wanadoo.fr free.fr laposte.net terra.com.br uol.com.br bol.com.br ig.com.br tutanota.com rediffmail.com`);

/** Whether a host is one of these, itself or as a page below one. */
export function within(places: ReadonlySet<string>, host: string): boolean {
  for (let rest = host; rest !== ''; ) {
    if (places.has(rest)) return true;
    const dot = rest.indexOf('.');
    if (dot < 0) return false;
    rest = rest.slice(dot + 1);
  }
  return false;
}
