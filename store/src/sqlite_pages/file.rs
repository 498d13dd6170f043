//! The file and its `-wal` as numbered pages.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use super::wal::Wal;
use super::{u16_at, u32_at};

/// Where a SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Bytes of the header of the file.
const HEADER: usize = 100;
/// What Deno's files have, taken where the header is lost.
const USUAL_PAGE_SIZE: usize = 4096;

/// What pages are read from.
pub(crate) trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// What the header of the file says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    page_size: usize,
    /// Bytes at the end of each page that hold nothing.
    reserved: usize,
    /// Pages of the database, if that is told.
    pages: Option<u32>,
    /// The first trunk of the list of free pages, and how many are free.
    pub free: (u32, u32),
}

impl Header {
    fn parse(page: &[u8]) -> Option<Self> {
        if !page.starts_with(MAGIC) {
            return None;
        }
        let page_size = match u16_at(page, 16)? {
            1 => 65_536,
            size if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return None,
        };
        let reserved = usize::from(*page.get(20)?);
        let told = (u32_at(page, 24)? == u32_at(page, 92)?).then_some(u32_at(page, 28)?);
        (page_size >= reserved + 480).then_some(Self {
            page_size,
            reserved,
            pages: told.filter(|pages| *pages > 0),
            free: (u32_at(page, 32)?, u32_at(page, 36)?),
        })
    }
}

/// All pages of a database, by their numbers from 1.
pub(super) struct Pages {
    main: Box<dyn Source>,
    wal: Option<Box<dyn Source>>,
    /// Where the newest version of a page stands in the `-wal`.
    in_wal: HashMap<u32, u64>,
    page_size: usize,
    /// Bytes of each page that are used.
    pub usable: usize,
    /// How many pages there are or should be.
    pub count: u32,
    /// How many pages the file has room for.
    on_disk: u32,
    /// What the first page says, unless it is lost.
    pub header: Option<Header>,
}

impl Pages {
    /// Looks at a file. Whatever it holds, there is a way to look at it.
    pub(super) fn open(mut main: Box<dyn Source>, mut wal: Option<Box<dyn Source>>) -> Self {
        let read = wal.as_mut().and_then(|wal| Wal::read(wal.as_mut()));
        let wal_size = read.as_ref().map(|wal| wal.page_size);
        let (in_wal, wal_pages) = read.map_or_else(Default::default, |wal| (wal.pages, wal.count));
        let mut pages = Self {
            page_size: wal_size.unwrap_or(USUAL_PAGE_SIZE),
            usable: 0,
            count: 1,
            on_disk: 0,
            header: None,
            in_wal,
            wal,
            main: Box::new(std::io::empty()),
        };
        let mut start = vec![0; HEADER];
        let length = main.seek(SeekFrom::End(0)).unwrap_or(0);
        let on_disk = read_at(main.as_mut(), 0, &mut start).and_then(|()| Header::parse(&start));
        pages.main = main;
        if let Some(header) = on_disk.filter(|_| wal_size.is_none()) {
            pages.page_size = header.page_size;
        }
        pages.header = pages.page(1).as_deref().and_then(Header::parse);
        let reserved = pages.header.map_or(0, |header| header.reserved);
        pages.usable = pages.page_size - reserved;
        pages.on_disk = u32::try_from(length / pages.page_size as u64).unwrap_or(u32::MAX);
        let told = wal_pages.or_else(|| pages.header.and_then(|header| header.pages));
        pages.count = told.unwrap_or(pages.on_disk);
        pages
    }

    /// A page; `None` if it is not there, cannot be read, or is nothing but zeros.
    pub(super) fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        let mut page = vec![0; self.page_size];
        match (self.in_wal.get(&number), &mut self.wal) {
            (Some(offset), Some(wal)) => read_at(wal.as_mut(), *offset, &mut page)?,
            _ => {
                let offset = u64::from(number.checked_sub(1)?) * self.page_size as u64;
                read_at(self.main.as_mut(), offset, &mut page)?;
            }
        }
        page.iter().any(|byte| *byte != 0).then_some(page)
    }

    /// Whether a page of this number should be there.
    pub(super) fn has(&self, number: u32) -> bool {
        number >= 1 && number <= self.count
    }

    /// The numbers of all pages but the first that can be read, in order.
    pub(super) fn existing(&self) -> Vec<u32> {
        let last = self.on_disk.min(self.count);
        let behind = self.in_wal.keys().copied();
        let mut numbers: Vec<_> = (2..=last)
            .chain(behind.filter(|number| *number > last && self.has(*number)))
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// Bytes of all pages that can be read: no record is longer.
    pub(super) fn bytes(&self) -> u64 {
        (u64::from(self.on_disk) + self.in_wal.len() as u64) * self.page_size as u64
    }
}

/// Fills a buffer from an offset; `None` if not all of it can be read.
pub(super) fn read_at(source: &mut dyn Source, offset: u64, buffer: &mut [u8]) -> Option<()> {
    source.seek(SeekFrom::Start(offset)).ok()?;
    source.read_exact(buffer).ok()
}
