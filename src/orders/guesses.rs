//! What a column may be whose name is not known, to be offered and never taken.

use super::known_names;
use crate::tables::customer_names::{CUSTOMER, plain};

/// Something that orders say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Customer,
    Date,
    Amount,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Date => "date",
            Self::Amount => "amount",
        }
    }

    fn known(self) -> &'static [&'static str] {
        match self {
            Self::Customer => CUSTOMER,
            Self::Date => known_names::DATE,
            Self::Amount => known_names::AMOUNT,
        }
    }

    /// Parts of names in English, German, French, Spanish, Dutch, Italian and Portuguese, the most telling first.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &[
                "customer",
                "client",
                "kunde",
                "klant",
                "cliente",
                "buyer",
                "käufer",
                "kaeufer",
                "acheteur",
                "comprador",
                "acquirente",
                "koper",
                "member",
                "mitglied",
                "membre",
                "socio",
                "user",
                "benutzer",
                "utilisateur",
                "usuario",
                "gebruiker",
                "utente",
                "account",
                "konto",
                "compte",
                "email",
                "mail",
                "correo",
            ],
            Self::Date => &[
                "orderdate",
                "bestelldatum",
                "auftragsdatum",
                "rechnungsdatum",
                "kaufdatum",
                "datecommande",
                "datedecommande",
                "datedachat",
                "fechapedido",
                "fechadepedido",
                "fechadecompra",
                "besteldatum",
                "dataordine",
                "datadelordine",
                "datapedido",
                "datadopedido",
                "datadacompra",
                "datum",
                "fecha",
                "date",
                "data",
                "zeitpunkt",
                "zeit",
                "time",
                "hora",
                "uhrzeit",
                "day",
                "tag",
                "jour",
                "dia",
                "giorno",
                "dag",
            ],
            Self::Amount => &[
                "gesamtbetrag",
                "gesamtsumme",
                "rechnungsbetrag",
                "bestellwert",
                "umsatz",
                "montanttotal",
                "totalttc",
                "importetotal",
                "totaalbedrag",
                "totaleordine",
                "valortotal",
                "amount",
                "betrag",
                "montant",
                "importe",
                "bedrag",
                "importo",
                "valor",
                "valore",
                "wert",
                "waarde",
                "total",
                "totaal",
                "totale",
                "summe",
                "somme",
                "suma",
                "revenue",
                "omzet",
                "ricavo",
                "receita",
                "ingreso",
                "price",
                "preis",
                "prix",
                "precio",
                "prijs",
                "prezzo",
                "preço",
                "preco",
                "sum",
                "paid",
                "spend",
            ],
        }
    }
}

/// How like a known name another has to be.
const ALIKE: f64 = 0.9;

/// The column that this may be, by its name; not one of those that are taken.
pub(super) fn guess(role: Role, header: &[String], taken: &[usize]) -> Option<usize> {
    let names: Vec<(usize, String)> = (0..header.len())
        .filter(|column| !taken.contains(column))
        .map(|column| (column, plain(&header[column])))
        .collect();
    let with = |word: &str| {
        names.iter().find(|(_, name)| name == word).or_else(|| names.iter().find(|(_, name)| name.contains(word)))
    };
    if let Some((column, _)) = role.words().iter().find_map(|word| with(word)) {
        return Some(*column);
    }
    let likeness = |name: &str| role.known().iter().map(|known| strsim::jaro_winkler(known, name)).fold(0.0, f64::max);
    let nearest = names.iter().map(|(column, name)| (*column, likeness(name))).max_by(|a, b| a.1.total_cmp(&b.1));
    nearest.filter(|(_, likeness)| *likeness >= ALIKE).map(|(column, _)| column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_seven_languages_are_guessed() {
        for (header, customer, date, amount) in [
            ("Kundennr;Bestelldatum;Betrag €;Artikel", 0, 1, 2),
            ("Bestellnummer;Rechnungsdatum;Kunden-Nr.;Gesamtsumme (EUR)", 2, 1, 3),
            ("N° client;Date de commande;Montant total TTC", 0, 1, 2),
            ("Cliente;Fecha de pedido;Importe total", 0, 1, 2),
            ("Klantnummer;Besteldatum;Totaalbedrag", 0, 1, 2),
            ("Data ordine;ID cliente;Totale ordine", 1, 0, 2),
            ("Código do cliente;Data do pedido;Valor total", 0, 1, 2),
            ("custmer_ref;order date (local);amnt_total", 0, 1, 2),
        ] {
            let header: Vec<String> = header.split(';').map(str::to_owned).collect();
            let of = |role| guess(role, &header, &[]);
            assert_eq!(
                [of(Role::Customer), of(Role::Date), of(Role::Amount)],
                [Some(customer), Some(date), Some(amount)],
                "{header:?}"
            );
        }
        let header = ["foo", "bar"].map(str::to_owned);
        assert_eq!(guess(Role::Customer, &header, &[]), None);
    }
}
