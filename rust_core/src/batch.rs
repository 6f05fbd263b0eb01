//! Many samples at once: each address is resolved once, the work is spread over the pool's threads.

use std::{cell::RefCell, sync::Arc};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::{
    Error, Result,
    address::Address,
    held_out::HeldOut,
    rationale::Worked,
    render::{Renderer, Theme},
    reply,
    rng::{Rng, Stream},
    scene::Scene,
    task::Instance,
    verdict::{Answers, Verdict},
};

/// Batches up to this size are worked through on the calling thread: waking others takes longer,
/// and a caller without a pool of its own must not start one.
pub const FEW: usize = 4;

/// In order, on as many threads as the batch is worth.
fn map<I: Sync, O: Send>(items: &[I], one: impl Fn(&I) -> O + Send + Sync) -> Vec<O> {
    if items.len() <= FEW {
        return items.iter().map(one).collect();
    }
    items.par_iter().with_min_len(16).map(one).collect()
}

/// What a sample says.
pub struct Words {
    /// What is asked.
    pub question: String,
    /// The problem as text.
    pub twin: String,
    /// A complete correct reply.
    pub rationale: String,
    /// The bare answer.
    pub answer: String,
    /// The content hash.
    pub content: u128,
}

/// Writes samples out.
pub fn words(addresses: &[Address]) -> Vec<Words> {
    map(addresses, words_of)
}

fn words_of(address: &Address) -> Words {
    let instance = address.resolve();
    let written = |capacity: usize, write: &dyn Fn(&mut String)| {
        let mut out = String::with_capacity(capacity);
        write(&mut out);
        out
    };
    let rationale = instance.rationale().text;
    Words {
        question: written(1024, &|out| instance.question(out)),
        twin: written(1024, &|out| instance.twin(out)),
        answer: concluded(&rationale).to_owned(),
        rationale,
        content: address.content(&*instance),
    }
}

/// The answer that a rationale ends with: to work it out again may mean to search again.
fn concluded(rationale: &str) -> &str {
    let last = rationale.rsplit('\n').next().unwrap_or_default();
    last.strip_prefix("Answer: ").unwrap_or_default()
}

/// A column of numbers for each name, NaN where a sample has none of that name.
pub type Columns = Vec<(&'static str, Vec<f64>)>;

/// The steps of each sample's own rationale.
pub fn steps(addresses: &[Address]) -> Vec<Vec<Worked>> {
    map(addresses, |address| address.resolve().rationale().steps)
}

/// How many steps each sample's own rationale has.
pub fn step_counts(addresses: &[Address]) -> Vec<usize> {
    map(addresses, |address| address.resolve().rationale().steps.len())
}

/// The numbers that make samples hard.
pub fn features(addresses: &[Address]) -> Columns {
    columns(addresses, Instance::features)
}

/// The chance, 0 to 1, of each policy without the skill.
pub fn shortcuts(addresses: &[Address]) -> Columns {
    columns(addresses, Instance::shortcuts)
}

/// Columns in the order in which their names come up; each address is worked through once however often it occurs.
fn columns(addresses: &[Address], facts: impl Fn(&dyn Instance) -> Vec<(&'static str, f64)> + Send + Sync) -> Columns {
    let (places, firsts) = group(addresses);
    let known = map(&firsts, |&at| facts(&*addresses[at].resolve()));
    let mut columns = Columns::new();
    for (at, &place) in places.iter().enumerate() {
        for (nth, &(name, value)) in known[place].iter().enumerate() {
            // Samples of a task name theirs in one order.
            let column = match columns.get(nth) {
                Some((own, _)) if *own == name => nth,
                _ => columns.iter().position(|(own, _)| *own == name).unwrap_or_else(|| {
                    columns.push((name, vec![f64::NAN; addresses.len()]));
                    columns.len() - 1
                }),
            };
            columns[column].1[at] = value;
        }
    }
    columns
}

/// Content hashes alone.
pub fn contents(addresses: &[Address]) -> Vec<u128> {
    map(addresses, |address| address.content(&*address.resolve()))
}

/// The samples that stand at addresses where contents are held out.
pub fn admitted(addresses: &[Address], held_out: HeldOut) -> Result<Vec<Address>> {
    map(addresses, |address| held_out.admitted(address)).into_iter().collect()
}

/// Draws samples side by side into `out`, `height * width * 3` bytes each.
pub fn render(addresses: &[Address], height: usize, width: usize, theme: Theme, out: &mut [u8]) -> Result<()> {
    Renderer::new(height, width, theme)?; // a bad size is an error even for an empty batch
    let picture = height * width * 3;
    let want = addresses.len() * picture;
    if out.len() != want {
        return Err(Error::Buffer { got: out.len(), want });
    }
    let paint = |(out, address): (&mut [u8], &Address)| {
        with_renderer(height, width, theme, |renderer| {
            renderer.draw(&address.resolve().scene(), address.stream(Stream::Look), out);
        })
    };
    if addresses.len() <= FEW {
        return out.chunks_exact_mut(picture).zip(addresses).try_for_each(paint);
    }
    out.par_chunks_exact_mut(picture).zip(addresses).with_min_len(4).try_for_each(paint)
}

/// Renderers that each thread keeps, because what they have rasterised is worth more than they are.
const KEPT: usize = 4;

/// Runs `work` with this thread's renderer for a size and theme.
pub fn with_renderer<T>(height: usize, width: usize, theme: Theme, work: impl FnOnce(&mut Renderer) -> T) -> Result<T> {
    type Kept = Vec<((usize, usize, Theme), Renderer)>;
    thread_local! {
        static RENDERERS: RefCell<Kept> = const { RefCell::new(Vec::new()) };
    }
    let wanted = (height, width, theme);
    RENDERERS.with_borrow_mut(|kept| {
        if let Some(at) = kept.iter().position(|(key, _)| *key == wanted) {
            kept[..=at].rotate_right(1);
        } else {
            kept.insert(0, (wanted, Renderer::new(height, width, theme)?));
            kept.truncate(KEPT);
        }
        Ok(work(&mut kept[0].1))
    })
}

/// Runs `work` on a sample's picture, drawn into memory that this thread keeps.
pub fn with_picture<T>(
    address: &Address,
    height: usize,
    width: usize,
    theme: Theme,
    work: impl FnOnce(&[u8]) -> T,
) -> Result<T> {
    with_drawn(&address.resolve().scene(), address.stream(Stream::Look), [height, width], theme, work)
}

/// As [`with_picture`], for a scene at hand and the stream for its look.
pub fn with_drawn<T>(
    scene: &Scene,
    look: Rng,
    [height, width]: [usize; 2],
    theme: Theme,
    work: impl FnOnce(&[u8]) -> T,
) -> Result<T> {
    thread_local! {
        static PICTURE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    PICTURE.with_borrow_mut(|picture| {
        picture.resize(height * width * 3, 0);
        with_renderer(height, width, theme, |renderer| {
            renderer.draw(scene, look, picture);
        })?;
        Ok(work(picture))
    })
}

/// Judges replies, each address resolved once however often and wherever it occurs.
pub fn verify<R: AsRef<[u8]> + Sync>(addresses: &[Address], replies: &[R], answers: Answers) -> Result<Vec<Verdict>> {
    if addresses.len() != replies.len() {
        return Err(Error::Lengths { addresses: addresses.len(), replies: replies.len() });
    }
    let (places, firsts) = group(addresses);
    let instances = map(&firsts, |&at| addresses[at].resolve());
    let work: Vec<(&R, usize)> = replies.iter().zip(places).collect();
    Ok(map(&work, |&(reply, place)| {
        let instance = &instances[place];
        reply::judged(reply.as_ref(), answers, |words, answers| instance.judge(words, answers))
    }))
}

/// What replies answer, in numbers that are the same exactly where the verifier takes the answers for the same; of one
/// problem, and 0 where no one answer can be read.
pub fn answers<R: AsRef<[u8]> + Sync>(addresses: &[Address], replies: &[R]) -> Result<Vec<u64>> {
    let verdicts = verify(addresses, replies, Answers::Any)?;
    Ok(verdicts.iter().map(|verdict| verdict.answer.map_or(0, |key| key.max(1))).collect())
}

/// For each address the number of its group, and for each group its first member.
fn group(addresses: &[Address]) -> (Vec<usize>, Vec<usize>) {
    let mut firsts: Vec<usize> = Vec::new();
    let mut known = FxHashMap::default();
    let mut places = Vec::with_capacity(addresses.len());
    for (at, address) in addresses.iter().enumerate() {
        let place = match places.last() {
            Some(&last) if address.same(&addresses[at - 1]) => last,
            _ => *known
                .entry((Arc::as_ptr(&address.setting), address.split, address.seed, address.index))
                .or_insert_with(|| {
                    firsts.push(at);
                    firsts.len() - 1
                }),
        };
        places.push(place);
    }
    (places, firsts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks;

    fn some(task: &str) -> Vec<Address> {
        let at = |level: &str, index: usize| format!("{task}/{level}#val:3:{index}").parse().unwrap();
        tasks::levels(task).unwrap().iter().flat_map(|level| (0..6).map(|index| at(level, index))).collect()
    }

    #[test]
    fn a_column_says_what_each_instance_does_and_nothing_for_others() {
        let mut addresses: Vec<Address> = tasks::IDS.iter().flat_map(|task| some(task)).collect();
        addresses.extend(some(tasks::IDS[0])); // again, and after the others
        for (columns, facts) in [
            (features(&addresses), (|instance| instance.features()) as fn(&dyn Instance) -> Vec<(&'static str, f64)>),
            (shortcuts(&addresses), |instance| instance.shortcuts()),
        ] {
            for (at, address) in addresses.iter().enumerate() {
                let own = facts(&*address.resolve());
                for (name, column) in &columns {
                    let value = own.iter().find(|(own, _)| own == name).map_or(f64::NAN, |(_, value)| *value);
                    assert_eq!(column[at].to_bits(), value.to_bits(), "{address}: {name}");
                }
                assert!(own.iter().all(|(name, _)| columns.iter().any(|(known, _)| known == name)), "{address}");
            }
        }
        assert!(features(&[]).is_empty());
    }

    #[test]
    fn the_same_answer_has_the_same_key_however_it_is_said() {
        for address in tasks::IDS.iter().flat_map(|task| some(task)) {
            let words = words_of(&address);
            let said = |address: &Address| words_of(address).answer;
            let level = |address: &Address| address.to_string().split('#').next().map(str::to_owned);
            let other = tasks::IDS
                .iter()
                .flat_map(|task| some(task))
                .find(|other| level(other) == level(&address) && said(other) != words.answer);
            let replies = [
                words.rationale.clone(),
                format!("Answer: {}", words.answer),
                format!("<answer>{}</answer>", words.answer),
                format!("Answer: {}", other.as_ref().map_or_else(String::new, said)),
                "Nothing is answered here.".to_owned(),
            ];
            let keys = answers(&vec![address.clone(); replies.len()], &replies).unwrap();
            assert_eq!([keys[1], keys[2]], [keys[0]; 2], "{address}");
            assert_ne!(keys[0], 0, "{address}");
            assert_eq!(keys[4], 0, "{address}");
            assert!(other.is_none() || keys[3] != keys[0], "{address}");
        }
    }

    #[test]
    fn the_answer_is_what_the_rationale_ends_with() {
        for task in tasks::IDS {
            for level in tasks::levels(task).unwrap() {
                for index in 0..40 {
                    let address: Address = format!("{task}/{level}#val:3:{index}").parse().unwrap();
                    let mut answer = String::new();
                    address.resolve().answer(&mut answer);
                    assert!(!answer.is_empty());
                    assert_eq!(words_of(&address).answer, answer, "{address}");
                }
            }
        }
    }
}
