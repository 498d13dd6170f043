//! SOCKS version 5 (RFC 1928), with a name and password (RFC 1929): the way to a server through a proxy.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::proxy::Who;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const NAME_AND_PASSWORD: u8 = 2;
const NONE_OF_THESE: u8 = 0xff;
/// The version of the exchange about a name and password.
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Where a proxy shall connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Address(IpAddr),
    /// A name, for which the proxy looks.
    Name(String),
}

/// Why a proxy opens no way.
#[derive(Debug, thiserror::Error)]
pub(super) enum SocksError {
    #[error("it got none")]
    NoPassword,
    #[error("it does not take any")]
    PasswordNotTaken,
    #[error("it does not know those that it got")]
    Password,
    #[error("the name of the server has more than 255 bytes")]
    LongName,
    #[error("{0}")]
    Unreachable(&'static str),
    #[error("{0}")]
    Refused(&'static str),
    #[error("it does not speak SOCKS version 5")]
    Form,
    #[error("{0}")]
    Ended(#[from] io::Error),
}

/// Has a proxy pass on whatever is sent from here on. Nothing that comes after its answer is read.
pub(super) async fn connect<S>(
    stream: &mut S,
    who: Option<&Who>,
    target: &Target,
    port: u16,
) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let greeting: &[u8] = match who {
        None => &[VERSION, 1, NO_AUTHENTICATION],
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, NAME_AND_PASSWORD],
    };
    tell(stream, greeting).await?;
    match (read::<2, _>(stream).await?, who) {
        ([VERSION, NO_AUTHENTICATION], _) => {}
        ([VERSION, NAME_AND_PASSWORD], Some(who)) => introduce(stream, who).await?,
        ([VERSION, NONE_OF_THESE], None) => return Err(SocksError::NoPassword),
        ([VERSION, NONE_OF_THESE], Some(_)) => return Err(SocksError::PasswordNotTaken),
        _ => return Err(SocksError::Form),
    }
    let mut request = vec![VERSION, CONNECT, 0];
    match target {
        Target::Address(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        Target::Address(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
        Target::Name(name) => {
            let length = u8::try_from(name.len()).map_err(|_longer| SocksError::LongName)?;
            request.extend_from_slice(&[NAME, length]);
            request.extend_from_slice(name.as_bytes());
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    tell(stream, &request).await?;
    let [version, reply, _reserved, kind] = read(stream).await?;
    if version != VERSION {
        return Err(SocksError::Form);
    }
    match reply {
        0 => {}
        // What some say of a name that they do not find, too.
        1 => return Err(SocksError::Unreachable("it says that it failed")),
        2 => return Err(SocksError::Refused("it says that its rules forbid it")),
        3 => {
            return Err(SocksError::Unreachable(
                "it says that there is no way to its network",
            ));
        }
        4 => {
            return Err(SocksError::Unreachable(
                "it says that there is no way to its host",
            ));
        }
        5 => return Err(SocksError::Unreachable("it says that the connection was refused")),
        6 => return Err(SocksError::Unreachable("it says that the way is too long")),
        7 => return Err(SocksError::Refused("it says that it makes no connections")),
        8 => {
            return Err(SocksError::Refused(
                "it says that it knows no addresses of this kind",
            ));
        }
        _ => return Err(SocksError::Form),
    }
    // By which address the proxy connects, and by which port.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(stream.read_u8().await?),
        _ => return Err(SocksError::Form),
    };
    let mut bound = vec![0; length + 2];
    stream.read_exact(&mut bound).await?;
    Ok(())
}

/// Says who asks.
async fn introduce<S>(stream: &mut S, who: &Who) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = vec![PASSWORD_VERSION];
    for part in [&who.name, &who.password] {
        // Longer ones are refused where the variable is read.
        request.push(u8::try_from(part.len()).map_err(|_longer| SocksError::Password)?);
        request.extend_from_slice(part);
    }
    tell(stream, &request).await?;
    match read(stream).await? {
        [PASSWORD_VERSION, 0] => Ok(()),
        [PASSWORD_VERSION, _] => Err(SocksError::Password),
        _ => Err(SocksError::Form),
    }
}

async fn tell<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn read<const LENGTH: usize, S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> Who {
        Who {
            name: b"me".to_vec(),
            password: b"secret".to_vec(),
        }
    }

    /// What is told to a proxy that answers with these bytes, one at a time, and then ends; and what comes of it.
    fn handshake(
        who: Option<&Who>,
        target: &Target,
        answer: &[u8],
    ) -> (Vec<u8>, Result<(), SocksError>, usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut ours, theirs) = tokio::io::duplex(1);
            let (mut asked, mut answers) = tokio::io::split(theirs);
            let told = async {
                let mut told = Vec::new();
                let mut byte = [0];
                while asked.read(&mut byte).await.is_ok_and(|read| read == 1) {
                    told.push(byte[0]);
                }
                told
            };
            let answered = async {
                let mut taken = 0;
                for byte in answer {
                    if answers.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    taken += 1;
                }
                let _ended = answers.shutdown().await;
                taken
            };
            let ours = async {
                let done = connect(&mut ours, who, target, 443).await;
                drop(ours);
                done
            };
            let (told, taken, done) = tokio::join!(told, answered, ours);
            (told, done, taken)
        })
    }

    fn by_name() -> Target {
        Target::Name("kv.example".to_owned())
    }

    const OPEN: [u8; 10] = [5, 0, 0, 1, 127, 0, 0, 1, 1, 187];

    #[test]
    fn a_way_is_asked_for_with_and_without_a_password() {
        let request = [&[5, 1, 0, 3, 10][..], b"kv.example", &[1, 187]].concat();
        let (told, done, _) = handshake(None, &by_name(), &[&[5, 0][..], &OPEN].concat());
        done.unwrap();
        assert_eq!(told, [&[5, 1, 0][..], &request].concat());
        let answer = [&[5, 2, 1, 0][..], &OPEN].concat();
        let (told, done, _) = handshake(Some(&me()), &by_name(), &answer);
        done.unwrap();
        let introduction = [&[1, 2][..], b"me", &[6], b"secret"].concat();
        assert_eq!(told, [&[5, 2, 0, 2][..], &introduction, &request].concat());
        // One that does not ask who it is, is not told.
        let (told, done, _) = handshake(Some(&me()), &by_name(), &[&[5, 0][..], &OPEN].concat());
        done.unwrap();
        assert_eq!(told, [&[5, 2, 0, 2][..], &request].concat());
    }

    #[test]
    fn addresses_of_both_kinds_and_all_kinds_of_answers_are_understood() {
        for (address, expected) in [
            ("10.1.2.3", vec![1, 10, 1, 2, 3]),
            ("::2", [&[4][..], &[0; 15], &[2]].concat()),
        ] {
            let target = Target::Address(address.parse().unwrap());
            let (told, done, _) = handshake(None, &target, &[&[5, 0][..], &OPEN].concat());
            done.unwrap();
            assert_eq!(told, [&[5, 1, 0, 5, 1, 0][..], &expected, &[1, 187]].concat());
        }
        let by_ipv6 = [&[5, 0, 5, 0, 0, 4][..], &[0; 18]].concat();
        let by_name_of_its_own = [&[5, 0, 5, 0, 0, 3, 2][..], b"me", &[0, 1]].concat();
        for answer in [by_ipv6, by_name_of_its_own] {
            let (_, done, taken) = handshake(None, &by_name(), &answer);
            done.unwrap();
            assert_eq!(taken, answer.len());
        }
    }

    #[test]
    fn an_answer_that_ends_anywhere_is_no_way() {
        for (who, answer) in [
            (None, [&[5, 0][..], &OPEN].concat()),
            (Some(me()), [&[5, 2, 1, 0][..], &OPEN].concat()),
        ] {
            for cut in 0..answer.len() {
                let (_, done, _) = handshake(who.as_ref(), &by_name(), &answer[..cut]);
                assert!(matches!(done, Err(SocksError::Ended(_))), "after {cut} bytes");
            }
        }
    }

    #[test]
    fn faults_are_told_apart() {
        let after = |reply: u8| vec![5, 0, 5, reply, 0, 1, 0, 0, 0, 0, 0, 0];
        for (who, answer, expected) in [
            (None, vec![5, 0xff], "it got none"),
            (Some(me()), vec![5, 0xff], "it does not take any"),
            (Some(me()), vec![5, 2, 1, 1], "it does not know those that it got"),
            (None, after(2), "it says that its rules forbid it"),
            (None, after(5), "it says that the connection was refused"),
            (None, after(9), "it does not speak SOCKS version 5"),
            (
                None,
                b"HTTP/1.1 400".to_vec(),
                "it does not speak SOCKS version 5",
            ),
            // It wants what was not offered.
            (None, vec![5, 2], "it does not speak SOCKS version 5"),
            (Some(me()), vec![5, 2, 5, 0], "it does not speak SOCKS version 5"),
            (None, vec![5, 0, 4, 0, 0, 1], "it does not speak SOCKS version 5"),
            (None, vec![5, 0, 5, 0, 0, 2], "it does not speak SOCKS version 5"),
        ] {
            let (_, done, _) = handshake(who.as_ref(), &by_name(), &answer);
            assert_eq!(done.unwrap_err().to_string(), expected, "{answer:?}");
        }
        let long = Target::Name("a".repeat(256));
        let (_, done, _) = handshake(None, &long, &[5, 0]);
        assert!(matches!(done, Err(SocksError::LongName)));
    }
}
