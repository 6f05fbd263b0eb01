use super::*;

fn digits(text: &[u8], _: Spelling) -> Option<Read<Vec<u64>>> {
    let mut list = Vec::new();
    let count = items(text, |part| match part {
        Part::Number(number) => {
            list.push(number);
            Taken::Item
        }
        _ => Taken::Foreign,
    })?;
    Some(Read { value: list, items: count, part: false })
}

fn answer(reply: &str) -> Option<(Vec<u64>, Form)> {
    let got = std::cell::RefCell::new(None);
    judged(reply.as_bytes(), Answers::Any, |words, answers| {
        if let Given::Answer(value, form, _) = given(words, answers, digits) {
            *got.borrow_mut() = Some((value, form));
        }
        Verdict::default()
    });
    got.into_inner()
}

#[test]
fn every_form_is_understood() {
    for (reply, form) in [
        ("Answer: 3, 4", Form::Line),
        ("so\n**Answer:** 3 4.", Form::Line),
        ("**Answer**: [3, 4]", Form::Line),
        ("final ANSWER : \"3; 4\"", Form::Line),
        ("So my answer: 3 / 4", Form::Line),
        ("Answer:\n3\n4", Form::Line),
        ("Answer:\n1. 3\n2. 4", Form::Line),
        ("Answer:\n- 3\n- 4\n\nThat was easy.", Form::Line),
        ("Answer:\n```\n3, 4\n```", Form::Line),
        ("Answer: 1\nno, wait\nAnswer: 3,4", Form::Line),
        ("I have it. Answer: 3 -> 4", Form::Line),
        ("Answer: 3 → 4", Form::Line),
        ("Answer: 3 and 4", Form::Line),
        ("Answer: $3 \\rightarrow 4$", Form::Line),
        ("Answer: 「3、4」。", Form::Line),
        ("> Answer: 3 | 4", Form::Line),
        ("<answer>3, 4</answer>", Form::Tag),
        ("<ANSWER>Answer: 3, 4</ANSWER>", Form::Tag),
        ("<answer>\nfirst 3.\nAnswer: 3, 4\n</answer>", Form::Tag),
        ("<answer>3, 4", Form::Tag),
        ("<plan>a</plan><reason>8, 9</reason><answer>3, 4</answer>", Form::Tag),
        ("o3 circle: or\n</reason>\n<answer>\n3, 4\n</answer>", Form::Tag),
        ("o3 circle: OR\n\\boxed{3, 4}", Form::Boxed),
        ("Answer: 3, 4</reason>", Form::Line),
        ("so \\boxed{3, 4}", Form::Boxed),
        ("\\boxed{\\text{3, 4}}", Form::Boxed),
        ("$$\\boxed{\\mathtt{3},~\\textbf{4}}$$", Form::Boxed),
        ("\\boxed{Answer: 3, 4}", Form::Boxed),
        ("Answer: \\boxed{3, 4}", Form::Boxed),
        ("Answer: <answer>3, 4</answer>", Form::Tag),
        ("**Answer:** <answer>3, 4</answer>", Form::Tag),
        ("<answer>\\boxed{3, 4}</answer>", Form::Boxed),
        ("\\boxed{<answer>3, 4</answer>}", Form::Boxed),
        ("<answer>3, 4</answer> Answer: ３，４", Form::Line),
        ("Answer: 3, 4\n\\boxed{3, 4}", Form::Line),
        ("\\boxed{3, 4}\nAnswer: 3, 4", Form::Line),
        ("Answer： 3, 4\nThat was easy.", Form::Line),
        ("Answer: 3, 4\nDouble-checking my answer: it matches.", Form::Line),
        ("Answer: 3, 4<|im_end|>", Form::Line),
        ("<think>\\boxed{1} <answer> Answer: 2</think>Answer: 3, 4</s>", Form::Line),
        ("The answer is 3, 4.", Form::Sentence),
        ("So the final answer would be: **3, 4**", Form::Sentence),
        ("The answer is 3, 4. It follows from the table.", Form::Sentence),
        ("The answer to this question is <|begin_of_box|>3, 4<|end_of_box|>.", Form::Sentence),
        ("### Answer\n3, 4", Form::Heading),
        ("**Final Answer**\n\n3, 4\n\nDone.", Form::Heading),
        ("Final Answer\n---\n3, 4", Form::Heading),
        ("```json\n{\"steps\": 2, \"answer\": [3, 4]}\n```", Form::Json),
        ("{\"answer\": \"3, 4\"}", Form::Json),
        ("3, 4", Form::Bare),
        ("```text\n3, 4\n```", Form::Bare),
    ] {
        assert_eq!(answer(reply), Some((vec![3, 4], form)), "{reply}");
    }
}

#[test]
fn hedges_are_refused() {
    for reply in [
        "",
        "Answer:",
        "Answer: 3 or 4",
        "Answer: maybe 3, 4",
        "Answer: -3, 4",
        "The answers: 3, 4",
        "Answer: 3, 4 <answer>3, 5</answer>",
        "<answer>3, 4</answer><answer>3, 5</answer>",
        "\\boxed{3, 5} Answer: 3, 4",
        "Answer: 3 or 4 <answer>3, 4</answer>",
        "Answer: \\boxed{3, 4} or 3",
        "\\boxed{3, 4} or \\boxed{3}",
        "\\boxed{3, 4} or 3",
        "3 or \\boxed{3, 4}",
        "3 or\n\\boxed{3, 4}",
        "so: or \\boxed{3, 4}",
        "<reason>3 or</reason><answer>3, 4</answer>",
        "Answer: <answer>3, 4</answer>, 5",
        "Answer: 3, 4</s> or 1",
        "Answer: 3, 4\nor 1",
        "Answer: 3, 4\nor maybe 1, 2",
        "Answer: 3, 4\n\n1, 2",
        "Answer: 3, 4\nOr perhaps the answer: 1, 2",
        "Answer: [3] [4]",
        "Answer: [3, 4], [5]",
        "Answer: 3 (4)",
        "Answer: 3.4",
        "Answer: (3, 4), 5",
        "Answer: 1. 3 2. 4",
        "Answer:\n1. 3\n2. four or 5",
        "<think>Answer: 3, 4",
        "Answer: 3, 4</think>",
        "The answer is not 3, 4",
        "The answer is 3, 4 or 5",
        "The answer is 3, 4. Or 5.",
        "Maybe the answer is 3, 4",
        "The answer is 3, 4\nThe answer is 5",
        "Is the answer 3, 4?",
        "{\"answer\": [3, 4]}, {\"answer\": [5]}",
        "### Answer\n3, 4\nor 5",
        "I count 3, 4",
        "Answer: 3, 4 \\boxed{",
    ] {
        assert_eq!(answer(reply), None, "{reply}");
    }
}

#[test]
fn numbers_of_a_list_are_no_numbers_of_the_answer() {
    assert_eq!(answer("Answer:\n1. 3"), Some((vec![3], Form::Line)));
    assert_eq!(answer("Answer:\n1) 3\n2) 1\n3) 2"), Some((vec![3, 1, 2], Form::Line)));
    assert_eq!(answer("Answer: 3."), Some((vec![3], Form::Line)));
}

#[test]
fn marked_answers_alone_count_where_that_is_asked_for() {
    for reply in ["The answer is 3.", "# Answer\n3", "{\"answer\": 3}", "3"] {
        assert_eq!(given(reply.as_bytes(), Answers::Marked, digits), Given::Nothing, "{reply}");
        assert!(matches!(given(reply.as_bytes(), Answers::Any, digits), Given::Answer(..)), "{reply}");
        assert_eq!(given(reply.as_bytes(), Answers::None, digits), Given::Nothing, "{reply}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        judged(&bytes, Answers::Any, |words, answers| {
            given(words, answers, digits);
            Verdict::default()
        });
    }

    #[test]
    fn no_likely_text_panics(
        text in "([a:<>/{}()\\[\\]# 0-9\n\"-]|Answer|answer>|\\\\boxed\\{|：|→|is |think>|or |\\\\text\\{|•|１){0,60}"
    ) {
        judged(text.as_bytes(), Answers::Any, |words, answers| {
            given(words, answers, digits);
            Verdict::default()
        });
    }
}

#[test]
fn long_replies_are_read_in_linear_time() {
    // Each of these is read over and over by a reader that looks on from every place: minutes instead of a moment.
    for piece in [
        "\\boxed{3} ",
        "\\boxed{3}\n",
        "\\boxed{",
        "}",
        "<answer>3</answer>",
        "<answer>",
        "</answer>",
        "<think>",
        "</think>",
        "Answer: ",
        "Answer: 3\n",
        "x answer: 3 ",
        "x answer: 3\n",
        "The answer is 3. ",
        "The answer is 3.\n",
        "# Answer\n",
        "\"answer\": 3, ",
        "\"answer\": [",
        "\"answer\": \"",
        "3\n",
        "3, ",
        "[3] ",
        "(",
        "1. 3\n",
        "→ ",
        "\\to ",
        "<|im_end|>",
        "or ",
        "answer: answer: ",
        "so so answer ",
        "```\n",
        "**",
        "the ",
        "- 3\n",
    ] {
        let reply = piece.repeat(100_000 / piece.len());
        answer(&reply);
        answer(&format!("Answer: 3\n{reply}"));
        answer(&format!("{reply}\nAnswer: 3"));
    }
}
